import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useWords } from "../../../words";
import { changed, type Path, written, Yaml } from "../yaml/editing";
import { type Editing, languagesOf } from "./TextFields";

/** Puts a step that says something, or leads elsewhere, behind this one. */
export function AddStep({ path, editing }: { path: Path; editing: Editing }) {
  const words = useWords();
  const [kind, setKind] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const flows = editing.yaml.keys(["flows"]);
  const queues = editing.yaml.keys(["queues"]);
  const add = () => {
    const { yaml } = editing;
    if (kind === "say") {
      const name = freeName(said, yaml.keys(["texts"]));
      const language = languagesOf(yaml)[0] ?? "it";
      const step = yaml.stepAfter(path, `say: ${name}`);
      if (!step) return;
      const after = changed(yaml.text, step);
      const whole = changed(after, new Yaml(after).set(["texts", name, language], said.trim()));
      editing.apply(difference(yaml.text, whole));
    } else if (kind) {
      editing.apply(yaml.stepAfter(path, `${kind}: ${written(said)}`));
    }
    setKind(null);
    setSaid("");
  };
  const names = kind === "handoff" ? queues : flows;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        {(["say", "goto", "handoff"] as const).map((one) => (
          <Button key={one} size="xs" variant={kind === one ? "light" : "default"} aria-pressed={kind === one} onClick={() => (setKind(kind === one ? null : one), setSaid(""))}>
            + {words.flows.kinds[one]}
          </Button>
        ))}
      </Group>
      {kind && (
        <Group align="flex-end" wrap="nowrap">
          {kind === "say" ? (
            <TextInput label={words.flows.add_text} value={said} onChange={(event) => setSaid(event.currentTarget.value)} flex={1} />
          ) : (
            <Select label={words.flows.leads_to} data={names} value={said || null} onChange={(chosen) => setSaid(chosen ?? "")} flex={1} />
          )}
          <Button onClick={add} disabled={!said.trim()}>
            {words.flows.add}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** A key for a new text, from its first words. */
export function freeName(said: string, taken: readonly string[]): string {
  const plain = said.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const name = (plain.match(/[a-z0-9]+/g) ?? []).slice(0, 3).join("_").replace(/^[0-9_]+/, "") || "text";
  let free = name;
  for (let n = 2; taken.includes(free); n++) free = `${name}_${n}`;
  return free;
}

/** Two texts as one change: what is between their common beginning and end. */
export function difference(before: string, after: string): { from: number; to: number; insert: string } {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from++;
  let end = 0;
  while (end < before.length - from && end < after.length - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}
