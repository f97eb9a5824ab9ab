/** The media type of the answer, of those that the caller accepts; null where Yoga has to choose. */
export function chooseMediaType(accept = "*/*"): string | null {
  const [first = ""] = accept.split(",", 1);
  const type = first.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (accept.includes("charset")) return null;
  if (type === "*/*" || type === "application/json") return "application/json";
  return type === "application/graphql-response+json" ? type : null;
}
