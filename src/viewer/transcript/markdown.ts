import { Marked, type Tokens } from "marked";

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * The Markdown text as HTML that still is to be sanitized. HTML in the text is shown as it is written; a picture is a link
 * to it, as loading it would tell its server of the reader. A text that nests too deep is shown as it is written.
 */
export function markdownToHtml(text: string): string {
  try {
    return marked.parse(text, { async: false });
  } catch (error) {
    // Marked calls itself for each level of a quote or list.
    if (error instanceof RangeError) return `<p>${escapeHtml(text)}</p>`;
    throw error;
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

function writeLink(href: string, content: string): string {
  return `<a href="${escapeHtml(href)}">${content}</a>`;
}

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text, block }: Tokens.HTML | Tokens.Tag) => (block ? `<p>${escapeHtml(text)}</p>` : escapeHtml(text)),
    image: ({ href, text }: Tokens.Image) => writeLink(href, escapeHtml(text === "" ? href : text)),
    link({ href, tokens }: Tokens.Link) {
      return writeLink(href, this.parser.parseInline(tokens));
    },
    checkbox: ({ checked }: Tokens.Checkbox) => (checked ? "☑ " : "☐ "),
    // One level for all: those of a text do not fit into the page's own.
    heading({ depth, tokens }: Tokens.Heading) {
      return `<h4 class="level-${depth}">${this.parser.parseInline(tokens)}</h4>`;
    },
    code({ text, lang = "" }: Tokens.Code) {
      const language = lang.split(/\s/)[0] ?? "";
      return `<figure class="code"><figcaption><span>${escapeHtml(language)}</span><button type="button" class="copy-code">Copy</button></figcaption><pre dir="ltr" tabindex="0"><code>${escapeHtml(text)}</code></pre></figure>`;
    },
    blockquote({ tokens }: Tokens.Blockquote) {
      return `<blockquote>${this.parser.parse(tokens)}</blockquote>`;
    },
  },
});
