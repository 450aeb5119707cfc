import { useMantineStyleNonce } from "@mantine/core";
import { useEffect, useRef } from "react";
import { PromqlEditor, type EditorDeeds, type Refusal } from "./editor";
import css from "./ExpressionEditor.module.css";

export interface ExpressionEditorProps extends EditorDeeds {
  readonly text: string;
  readonly label: string;
  /** The element that says more about it. */
  readonly describedBy: string;
  readonly refusal: Refusal | null;
  /** Takes the focus when it appears. */
  readonly focused: boolean;
}

/** An expression as it is written: coloured, completed, and marked where it is wrong. */
export function ExpressionEditor({ text, label, describedBy, refusal, focused, onChange, onRun }: ExpressionEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<PromqlEditor | null>(null);
  const nonce = useMantineStyleNonce()?.() ?? "";
  const deeds = useRef<EditorDeeds>({ onChange, onRun });
  const start = useRef({ text, focused });
  useEffect(() => {
    deeds.current = { onChange, onRun };
  });

  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    const made = new PromqlEditor(parent, start.current.text, nonce, () => deeds.current);
    editor.current = made;
    if (start.current.focused) made.focus();
    return () => {
      editor.current = null;
      made.destroy();
    };
  }, [nonce]);
  useEffect(() => editor.current?.setText(text), [text]);
  useEffect(() => editor.current?.describe(label, describedBy, refusal !== null), [label, describedBy, refusal]);
  useEffect(() => editor.current?.setRefusal(refusal), [refusal]);

  return <div ref={host} className={css.editor} />;
}
