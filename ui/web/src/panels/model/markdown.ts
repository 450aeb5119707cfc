/** A piece of a line. */
export type Span =
  | { readonly kind: "text" | "strong" | "em" | "code"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

/** A piece of a text. */
export type Block =
  | { readonly kind: "heading"; readonly level: 1 | 2 | 3; readonly spans: readonly Span[] }
  | { readonly kind: "paragraph"; readonly spans: readonly Span[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly (readonly Span[])[] }
  | { readonly kind: "code"; readonly text: string };

/** An address that may be followed: http, https, or a place of this site. */
export function safeHref(href: string): string | null {
  if (/^https?:\/\//i.test(href)) return href;
  return /^[/#?](?!\/)/.test(href) ? href : null;
}

const inline = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\b_([^_]+)_\b|\[([^\]]+)\]\(([^()\s]+)\)/g;

/** The spans of a line: code, strong, emphasis and links; everything else is the text that it is. */
export function spansOf(line: string): readonly Span[] {
  const spans: Span[] = [];
  const text = (piece: string) => {
    if (piece !== "") spans.push({ kind: "text", text: piece });
  };
  let from = 0;
  for (const found of line.matchAll(inline)) {
    const [whole, code, strong, strongToo, em, emToo, label, address] = found;
    text(line.slice(from, found.index));
    from = found.index + whole.length;
    const href = address === undefined ? null : safeHref(address);
    const bold = strong ?? strongToo;
    const slanted = em ?? emToo;
    if (code !== undefined) spans.push({ kind: "code", text: code });
    else if (bold !== undefined) spans.push({ kind: "strong", text: bold });
    else if (slanted !== undefined) spans.push({ kind: "em", text: slanted });
    else if (label !== undefined && href !== null) spans.push({ kind: "link", text: label, href });
    else text(whole);
  }
  text(line.slice(from));
  return spans;
}

/** A text in a part of Markdown: headings, paragraphs, lists, code. HTML stays the text that it is. */
export function blocksOf(source: string): readonly Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const end = () => {
    if (paragraph.length > 0) blocks.push({ kind: "paragraph", spans: spansOf(paragraph.join(" ")) });
    paragraph = [];
  };
  const lines = source.replaceAll("\r\n", "\n").split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (line.startsWith("```")) {
      end();
      const close = lines.findIndex((other, at) => at > i && other.startsWith("```"));
      const last = close < 0 ? lines.length : close;
      blocks.push({ kind: "code", text: lines.slice(i + 1, last).join("\n") });
      i = last;
      continue;
    }
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    const item = /^\s*(?:([-*+])|\d+[.)])\s+(.*)$/.exec(line);
    if (heading !== null) {
      end();
      const level = Math.min(3, heading[1]?.length ?? 1);
      blocks.push({ kind: "heading", level: level === 1 ? 1 : level === 2 ? 2 : 3, spans: spansOf(heading[2] ?? "") });
    } else if (item !== null) {
      end();
      const ordered = item[1] === undefined;
      const before = blocks.at(-1);
      const spans = spansOf(item[2] ?? "");
      if (before?.kind === "list" && before.ordered === ordered && (lines[i - 1] ?? "").trim() !== "") {
        blocks[blocks.length - 1] = { ...before, items: [...before.items, spans] };
      } else {
        blocks.push({ kind: "list", ordered, items: [spans] });
      }
    } else if (line.trim() === "") {
      end();
    } else {
      paragraph.push(line.trim());
    }
  }
  end();
  return blocks;
}
