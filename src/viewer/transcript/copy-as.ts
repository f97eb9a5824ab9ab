/** The document with its variable `$id` set to the id, as it can be pasted and run. */
export function toGraphQL(document: string, id: string): string {
  return document.trim().replace("$id: ID!", () => `$id: ID! = ${JSON.stringify(id)}`);
}

/** The request as a command of a POSIX shell. A secret is a variable of the shell's, so that it is in no clipboard. */
export function toCurl(url: string, document: string, id: string, headers: Record<string, string>): string {
  const body = JSON.stringify({ query: document.trim().replace(/\s+/g, " "), variables: { id } });
  return [
    `curl ${quote(url)}`,
    ...Object.entries(headers).map(([name, value]) => `  -H "${name}: ${value}"`),
    `  -H 'content-type: application/json'`,
    `  -d ${quote(body)}`,
  ].join(" \\\n");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
