import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The editor in Daymark's colours: they follow the scheme by themselves. */
export const editorTheme = [
  EditorView.theme({
    "&": { color: "var(--dm-text)", backgroundColor: "transparent", fontSize: "13px" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "20px", maxHeight: "240px" },
    ".cm-content": { padding: "7px 0", caretColor: "var(--dm-text)" },
    ".cm-line": { padding: "0 10px" },
    ".cm-placeholder": { color: "var(--dm-dim)" },
    "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--dm-accent) 22%, transparent)" },
    "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", color: "var(--dm-critical)" },
    ".cm-specialChar": { color: "var(--dm-critical)" },
    // Lines instead of pictures below what is wrong.
    ".cm-lintRange": { backgroundImage: "none", paddingBottom: "0" },
    ".cm-lintRange-error": { textDecoration: "underline wavy var(--dm-critical) 1px", textUnderlineOffset: "3px", textDecorationSkipInk: "none" },
    ".cm-lintRange-warning": { textDecoration: "underline wavy var(--dm-warning) 1px", textUnderlineOffset: "3px" },
    ".cm-lintRange-active": { backgroundColor: "color-mix(in srgb, var(--dm-critical) 16%, transparent)" },
    ".cm-lintPoint:after": { borderBottomColor: "var(--dm-critical)" },
    ".cm-tooltip": {
      border: "1px solid var(--dm-border)", borderRadius: "6px", backgroundColor: "var(--dm-raised)", color: "var(--dm-text)", zIndex: "80",
    },
    ".cm-tooltip.cm-tooltip-autocomplete > ul": {
      fontFamily: "var(--mantine-font-family-monospace)", fontSize: "12px", maxHeight: "264px", minWidth: "min(280px, 80vw)", maxWidth: "min(640px, 90vw)",
    },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { display: "flex", gap: "8px", padding: "4px 10px", lineHeight: "18px" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "color-mix(in srgb, var(--dm-accent) 18%, transparent)", color: "var(--dm-text)" },
    "li[aria-selected] .cm-completionMatchedText, li[aria-selected] .cm-completionDetail": { color: "var(--dm-text)" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > completion-section": { borderBottom: "1px solid var(--dm-border)", opacity: "1" },
    ".cm-completionLabel": { overflow: "hidden", textOverflow: "ellipsis" },
    ".cm-completionMatchedText": { textDecoration: "none", color: "var(--dm-accent)", fontWeight: "600" },
    ".cm-completionDetail": { marginLeft: "auto", color: "var(--dm-dim)", fontStyle: "normal", fontFamily: "var(--mantine-font-family)" },
    ".cm-tooltip.cm-completionInfo": {
      padding: "8px 12px", maxWidth: "min(360px, 90vw)", fontFamily: "var(--mantine-font-family)", fontSize: "12px", lineHeight: "18px", overflowWrap: "anywhere",
    },
    ".cm-diagnostic": { padding: "6px 10px", fontFamily: "var(--mantine-font-family)", fontSize: "12px", whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
    ".cm-diagnostic-error": { borderLeft: "3px solid var(--dm-critical)" },
    ".cm-diagnostic-warning": { borderLeft: "3px solid var(--dm-warning)" },
    ".cm-panels": { backgroundColor: "var(--dm-raised)", color: "var(--dm-text)", borderTop: "1px solid var(--dm-border)" },
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: [tags.function(tags.variableName), tags.operatorKeyword, tags.keyword, tags.modifier], color: "var(--dm-code-word)" },
      { tag: [tags.string], color: "var(--dm-code-text)" },
      { tag: [tags.number, tags.bool], color: "var(--dm-code-number)" },
      { tag: [tags.labelName], color: "var(--dm-code-label)" },
      { tag: [tags.comment], color: "var(--dm-dim)", fontStyle: "italic" },
      { tag: [tags.invalid], color: "var(--dm-critical)" },
    ]),
  ),
];
