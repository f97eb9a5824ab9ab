/** Whether this is the package, compiled to JavaScript; a checkout runs TypeScript as it is. */
export const IS_PACKAGE = import.meta.url.endsWith(".js");

/** How the command is called, as users type it; its options and arguments follow. */
export function callOf(name: string): string {
  if (IS_PACKAGE) return `conversation-graph ${name}`;
  return name === "serve" ? "npm start --" : `npm run ${name} --`;
}
