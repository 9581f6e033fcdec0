import { Button, Group, Radio, Stack, Text, Textarea, VisuallyHidden } from "@mantine/core";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useLanguage } from "../../words";
import { clock } from "../wall/wall";
import type { WrapUp as Work } from "./desk";
import { LONGEST_NOTE, useKept } from "./Notes";
import { softphone } from "./softphone";
import { useNow } from "./useNow";

const SOON_MS = 20_000;
const KEEP = { type: "keep_wrap_up" } as const;

/**
 * After a call: its code, a note, and how long there is for both. What is chosen and written goes to the server at once,
 * so that neither the end of the time nor a page that is loaded again loses it.
 */
export function WrapUp({ work }: { work: Work }) {
  const { words, language } = useLanguage();
  const w = words.desk;
  const form = useRef<HTMLDivElement>(null);
  const note = useRef<HTMLTextAreaElement>(null);
  useEffect(() => (form.current?.querySelector<HTMLInputElement>("input:checked") ?? form.current?.querySelector("input"))?.focus(), []);
  useKept(work.note, KEEP);
  const usual = work.codes.find((one) => one.code === work.default);
  const finish = (next: "available" | "away") => softphone.do({ type: "done", next });
  const typed = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) finish("available");
  };
  return (
    <Stack gap="sm" w="100%" ref={form} onKeyDown={typed}>
      <Radio.Group
        label={w.wrap_up_code}
        value={work.code}
        onChange={(code) => {
          softphone.do({ type: "wrap_up", code });
          softphone.do(KEEP);
        }}
      >
        <Group gap="lg" mt="xs">
          {work.codes.map((one) => (
            <Radio key={one.code} value={one.code} label={one[language]} />
          ))}
        </Group>
      </Radio.Group>
      {usual && (
        <Text size="sm" c="dimmed">
          {w.wrap_up_default(usual[language])}
        </Text>
      )}
      <Textarea
        ref={note}
        label={w.wrap_up_note}
        description={w.wrap_up_keys}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={LONGEST_NOTE}
        autoComplete="off"
        value={work.note}
        onChange={(event) => softphone.do({ type: "wrap_up", note: event.currentTarget.value })}
      />
      <Group gap="xs">
        <Left endsAtMs={work.endsAtMs} />
        {work.more_ms > 0 && (
          <Button
            variant="default"
            onClick={() => {
              softphone.do({ type: "more_time" });
              note.current?.focus(); // the button goes away
            }}
          >
            {w.more_time(clock(work.more_ms))}
          </Button>
        )}
        <Button onClick={() => finish("available")}>{w.wrapped_up}</Button>
        <Button variant="default" onClick={() => finish("away")}>
          {w.wrapped_up_away}
        </Button>
      </Group>
    </Stack>
  );
}

/** How long there is; said once, shortly before it is over. */
function Left({ endsAtMs }: { endsAtMs: number }) {
  const w = useLanguage().words.desk;
  const now = useNow(true);
  const left = Math.max(0, endsAtMs - now);
  const soon = left > 0 && left <= SOON_MS;
  const [said, setSaid] = useState("");
  useEffect(() => setSaid(soon ? w.wrap_up_soon(SOON_MS / 1000) : ""), [soon, w]);
  return (
    <>
      <Text size="sm" role="timer" aria-live="off" me="auto">
        {w.wrap_up_left(clock(left + 999))}
      </Text>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </>
  );
}
