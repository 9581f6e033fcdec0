import { Fieldset, Stack, Textarea } from "@mantine/core";
import { useEffect, useState } from "react";
import { useWords } from "../../../words";
import type { Change, Path, Value } from "../yaml/editing";
import type { Yaml } from "../yaml/editing";

export interface Editing {
  yaml: Yaml;
  /** Writes a value; '' takes an optional key out. */
  set: (path: Path, value: Value) => void;
  apply: (change: Change | null) => void;
}

/** A text in every language of the flowbook. */
export function TextFields({ name, editing }: { name: string; editing: Editing }) {
  const words = useWords();
  return (
    <Fieldset legend={words.flows.text(name)} variant="filled" p="xs">
      <Stack gap="xs">
        {languagesOf(editing.yaml).map((language) => (
          <Written key={`${name} ${language}`} label={languageName(language, words.format.language)} value={asText(editing.yaml.get(["texts", name, language]))} lang={language} write={(text) => editing.set(["texts", name, language], text)} />
        ))}
      </Stack>
    </Fieldset>
  );
}

interface WrittenProps {
  label: string;
  value: string;
  lang?: string;
  hidden?: boolean;
  write: (text: string) => void;
}

/** A field that writes into the YAML once it was left, so that one change is one step of the undo. */
export function Written({ label, value, lang, hidden = false, write }: WrittenProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const named = hidden ? { "aria-label": label } : { label };
  return <Textarea {...named} lang={lang} size="sm" autosize minRows={1} maxRows={6} value={text} onChange={(event) => setText(event.currentTarget.value)} onBlur={() => text !== value && write(text)} />;
}

/** The codes of a flowbook's languages, the default first. */
export function languagesOf(yaml: Yaml): string[] {
  const also = yaml.get(["languages", "also"]);
  return [...new Set([asText(yaml.get(["languages", "default"])), ...(Array.isArray(also) ? also.map(String) : [])])].filter(Boolean);
}

export function languageName(code: string, reader: string): string {
  try {
    return new Intl.DisplayNames([reader], { type: "language" }).of(code) ?? code;
  } catch {
    return code; // what somebody typed is no language
  }
}

export function asText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
