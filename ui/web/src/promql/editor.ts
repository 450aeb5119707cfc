import {
  acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap, completionStatus, selectedCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, insertNewline } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { forceLinting, linter, lintKeymap, type Diagnostic } from "@codemirror/lint";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap, placeholder } from "@codemirror/view";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import type { TextSpan } from "./bytes";
import { editorTheme } from "./editorTheme";
import { Vocabulary } from "./vocabulary";

/** What the server said of the text that was run. */
export interface Refusal extends TextSpan {
  /** The text that it is about: another one is not wrong because of it. */
  readonly text: string;
  readonly message: string;
}

export interface EditorDeeds {
  readonly onChange: (text: string) => void;
  readonly onRun: (text: string) => void;
}

/** One editor of PromQL in a page, outside of React. */
export class PromqlEditor {
  readonly view: EditorView;
  private refusal: Refusal | null = null;
  private readonly about = new Compartment();
  private readonly promql = new PromQLExtension().setComplete({ remote: vocabulary }).activateLinter(false);

  constructor(parent: HTMLElement, text: string, nonce: string, deeds: () => EditorDeeds) {
    const run = (view: EditorView) => {
      closeCompletion(view);
      deeds().onRun(view.state.doc.toString());
      return true;
    };
    const extensions: Extension = [
      EditorView.cspNonce.of(nonce),
      Prec.highest(
        keymap.of([
          // Enter takes what completion offers, unless that stands there already or came too late to have been read.
          { key: "Enter", run: (view) => (completes(view) && acceptCompletion(view)) || run(view), shift: insertNewline },
          { key: "Mod-Enter", run },
          // Tab leaves the editor, but for what completion offers.
          { key: "Tab", run: acceptCompletion },
        ]),
      ),
      history(),
      highlightSpecialChars(),
      bracketMatching(),
      closeBrackets(),
      EditorView.lineWrapping,
      placeholder("Expression, such as up or rate(node_cpu_seconds_total[1m])"),
      autocompletion({ icons: false, maxRenderedOptions: 100, tooltipClass: () => "cm-daymark" }),
      this.promql.asExtension(),
      linter((view) => this.diagnostics(view), { delay: 400 }),
      keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...lintKeymap, ...defaultKeymap]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) deeds().onChange(update.state.doc.toString());
      }),
      this.about.of([]),
      editorTheme,
    ];
    this.view = new EditorView({ parent, state: EditorState.create({ doc: text, selection: { anchor: text.length }, extensions }) });
  }

  /** What those hear who do not see the editor. */
  describe(label: string, describedBy: string, invalid: boolean): void {
    const attributes = { "aria-label": label, "aria-describedby": describedBy, "aria-invalid": String(invalid), spellcheck: "false", autocapitalize: "off" };
    this.view.dispatch({ effects: this.about.reconfigure(EditorView.contentAttributes.of(attributes)) });
  }

  /** Replaces the text where it is another. */
  setText(text: string): void {
    const { doc } = this.view.state;
    if (doc.toString() === text) return;
    this.view.dispatch({ changes: { from: 0, to: doc.length, insert: text }, selection: { anchor: text.length } });
  }

  /** Shows where the server found the text wrong; null: it did not. */
  setRefusal(refusal: Refusal | null): void {
    this.refusal = refusal;
    forceLinting(this.view);
  }

  focus(): void {
    this.view.focus();
  }

  destroy(): void {
    this.view.destroy();
  }

  /** What the parser in the browser finds wrong before anything is sent, and otherwise what the server said. */
  private async diagnostics(view: EditorView): Promise<readonly Diagnostic[]> {
    if (view.state.doc.toString().trim() === "") return [];
    const strategy = this.promql.getLinter();
    const own = await strategy.promQL.call(strategy)(view);
    const told = this.refusal;
    // The server knows best, but says it a moment later: one mark for one mistake.
    if (told === null || own.length > 0 || told.text !== view.state.doc.toString()) return own;
    return [{ from: Math.min(told.from, told.text.length), to: Math.min(told.to, told.text.length), severity: "error", message: told.message }];
  }
}

/** One for all editors: what one has asked for, the others know. */
const vocabulary = new Vocabulary();

/** Whether completion offers more than what stands before the cursor. */
function completes(view: EditorView): boolean {
  if (completionStatus(view.state) !== "active") return false;
  const chosen = selectedCompletion(view.state);
  if (chosen === null) return false;
  const whole = typeof chosen.apply === "string" ? chosen.apply : chosen.label;
  const { head } = view.state.selection.main;
  return view.state.sliceDoc(Math.max(0, head - whole.length), head) !== whole;
}
