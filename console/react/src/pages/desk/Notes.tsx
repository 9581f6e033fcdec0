import { Textarea } from "@mantine/core";
import { useEffect, useState } from "react";
import { useWords } from "../../words";
import type { Deed, Desk } from "./desk";
import { softphone } from "./softphone";

const TYPED_MS = 400;
export const LONGEST_NOTE = 2000; // telephony/operators/wrap_up.py

/** What the operator writes down during the call; the server keeps it at once for the work behind the call. */
export function Notes({ desk }: { desk: Desk }) {
  const w = useWords().desk;
  useKept(desk.note, KEEP);
  return (
    <Textarea
      label={w.note}
      description={w.note_help}
      autosize
      minRows={2}
      maxRows={8}
      maxLength={LONGEST_NOTE}
      autoComplete="off"
      value={desk.note}
      onChange={(event) => softphone.do({ type: "write", note: event.currentTarget.value })}
    />
  );
}

const KEEP = { type: "keep_note" } as const;

/** Tells the server what is `written`, a moment after it last changed. keep: what tells it. */
export function useKept(written: string, keep: Deed): void {
  const [told, setTold] = useState(written);
  useEffect(() => {
    if (written === told) return;
    const timer = setTimeout(() => {
      softphone.do(keep);
      setTold(written);
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [written, told, keep]);
}
