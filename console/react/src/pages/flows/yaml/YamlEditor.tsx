import { defaultKeymap, history, historyKeymap, redo, undo } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { styleNonce } from "../../../nonce";
import type { Problem } from "../flows";
import type { Change } from "./editing";
import classes from "./YamlEditor.module.css";

/** What pages do with the editor. Every change is one step of its undo. */
export interface Editor {
  apply: (change: Change | null) => void;
  /** Marks these characters as the step that is looked at; scrolls there. */
  show: (range: { from: number; to: number } | null) => void;
  goTo: (line: number) => void;
  undo: () => void;
  redo: () => void;
}

interface Props {
  ref: Ref<Editor>;
  initial: string;
  label: string;
  problems: readonly Problem[];
  changed: (text: string) => void;
  /** The line that was clicked on. */
  clicked: (line: number) => void;
  save: () => void;
}

const mark = StateEffect.define<{ from: number; to: number } | null>();
const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, transaction) {
    let kept = lines.map(transaction.changes);
    for (const effect of transaction.effects) if (effect.is(mark)) kept = effect.value ? linesOf(transaction.state.doc, effect.value) : Decoration.none;
    return kept;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--yaml-key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--yaml-string)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--mantine-color-dimmed)", fontStyle: "italic" },
  { tag: [tags.bool, tags.number, tags.keyword], color: "var(--yaml-key)" },
]);

/** The flowbook's YAML. It owns its text and its undo; others change it through `Editor`. */
export function YamlEditor({ ref, initial, label, problems, changed, clicked, save }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const told = useRef({ changed, clicked, save });
  useEffect(() => {
    told.current = { changed, clicked, save };
  });

  useEffect(() => {
    const made = new EditorView({
      parent: place.current as HTMLDivElement,
      state: EditorState.create({
        doc: initial,
        extensions: [
          EditorView.cspNonce.of(styleNonce),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          EditorView.lineWrapping,
          EditorState.tabSize.of(2),
          lineNumbers(),
          lintGutter(),
          history(),
          indentOnInput(),
          bracketMatching(),
          yaml(),
          syntaxHighlighting(colours),
          marked,
          keymap.of([{ key: "Mod-s", run: () => (told.current.save(), true) }, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) told.current.changed(update.state.doc.toString());
          }),
          EditorView.domEventHandlers({
            mouseup: (_event, from) => told.current.clicked(from.state.doc.lineAt(from.state.selection.main.head).number),
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
    // The text is the editor's own from here on.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  useEffect(() => {
    const { current } = view;
    if (current) current.dispatch(setDiagnostics(current.state, problems.map((one) => diagnostic(current.state.doc, one))));
  }, [problems]);

  useImperativeHandle(ref, () => ({
    apply: (change) => {
      if (change) view.current?.dispatch({ changes: change, userEvent: "input.form" });
    },
    show: (range) => {
      const { current } = view;
      if (!current) return;
      const effects: StateEffect<unknown>[] = [mark.of(range)];
      if (range) effects.push(EditorView.scrollIntoView(range.from, { y: "center" }));
      current.dispatch({ effects });
    },
    goTo: (line) => {
      const { current } = view;
      if (!current || line < 1 || line > current.state.doc.lines) return;
      current.dispatch({ selection: { anchor: current.state.doc.line(line).from }, scrollIntoView: true });
      current.focus();
    },
    undo: () => void (view.current && undo(view.current)),
    redo: () => void (view.current && redo(view.current)),
  }));

  return <div ref={place} className={classes.editor} />;
}

function linesOf(doc: Text, { from, to }: { from: number; to: number }): DecorationSet {
  const first = doc.lineAt(Math.min(from, doc.length)).number;
  const last = doc.lineAt(Math.min(to, doc.length)).number;
  const line = Decoration.line({ class: classes.step });
  return Decoration.set(Array.from({ length: last - first + 1 }, (_, n) => line.range(doc.line(first + n).from)));
}

function diagnostic(doc: Text, problem: Problem): Diagnostic {
  const line = doc.line(Math.min(Math.max(problem.line, 1), doc.lines));
  const from = Math.min(line.from + problem.column - 1, line.to);
  return { from, to: line.to, severity: problem.severity, message: problem.message };
}
