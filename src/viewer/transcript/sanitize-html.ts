import DOMPurify from "dompurify";

// What the renderer of Markdown writes, and nothing else.
const TAGS =
  "a p br hr strong em del code pre figure figcaption span button ul ol li blockquote h4 table thead tbody tr th td";
const ATTRIBUTES = "href class type tabindex start align dir rel target";
// Not relative ones: on this page they would lead into the server.
const ADDRESSES = /^(?:https?:\/\/|mailto:|tel:)/i;
// What may be in another direction than its neighbours.
const BLOCKS = new Set(["P", "LI", "H4", "TH", "TD", "BLOCKQUOTE"]);

DOMPurify.addHook("afterSanitizeAttributes", (element) => {
  if (BLOCKS.has(element.tagName)) element.setAttribute("dir", "auto");
  if (element.tagName !== "A") return;
  element.setAttribute("rel", "noopener noreferrer");
  element.setAttribute("target", "_blank");
});

/** The HTML without anything that could run, load or lead into this server: for `innerHTML`, and nothing else. */
export function sanitizeHtml(html: string): string {
  const sanitized = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS.split(" "),
    ALLOWED_ATTR: ATTRIBUTES.split(" "),
    ALLOWED_URI_REGEXP: ADDRESSES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_TRUSTED_TYPE: true,
  });
  // Safe cast: Preact hands the object on to the browser as it is, and its types know none but strings.
  return sanitized as unknown as string;
}
