import type { ReactNode } from "react";
import { Link } from "wouter";
import { blocksOf, type Block, type Span } from "../model/markdown";
import { PanelFrame } from "../PanelFrame";
import css from "./TextKind.module.css";

function spanNode(span: Span, key: number): ReactNode {
  switch (span.kind) {
    case "text":
      return span.text;
    case "strong":
      return <strong key={key}>{span.text}</strong>;
    case "em":
      return <em key={key}>{span.text}</em>;
    case "code":
      return <code key={key}>{span.text}</code>;
    case "link":
      return span.href.startsWith("/") ? (
        <Link key={key} href={span.href}>
          {span.text}
        </Link>
      ) : (
        <a key={key} href={span.href} rel="noopener noreferrer">
          {span.text}
        </a>
      );
    default:
      return span satisfies never;
  }
}

function blockNode(block: Block, key: number): ReactNode {
  switch (block.kind) {
    case "heading":
      return (
        <p key={key} className={css.heading} role="heading" aria-level={block.level + 3} data-level={block.level}>
          {block.spans.map(spanNode)}
        </p>
      );
    case "paragraph":
      return <p key={key}>{block.spans.map(spanNode)}</p>;
    case "list": {
      const items = block.items.map((spans, i) => <li key={i}>{spans.map(spanNode)}</li>);
      return block.ordered ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>;
    }
    case "code":
      return <pre key={key}>{block.text}</pre>;
    default:
      return block satisfies never;
  }
}

/** A panel of type text: a part of Markdown; HTML is shown as the text that it is. */
export function TextKind({ title, content, mode }: { title: string; content: string; mode: string }) {
  const blocks: readonly Block[] = mode === "code" ? [{ kind: "code", text: content }] : blocksOf(content);
  return (
    <PanelFrame title={title} freshness={{ kind: "unknown" }}>
      <div className={css.text} tabIndex={0} role="region" aria-label={title === "" ? "Text" : title}>
        {blocks.map(blockNode)}
      </div>
    </PanelFrame>
  );
}
