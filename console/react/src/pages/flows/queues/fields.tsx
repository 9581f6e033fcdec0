import { NativeSelect, NumberInput } from "@mantine/core";
import { useEffect, useState } from "react";

interface Common {
  label: string;
  description?: string;
  error?: string;
}

interface Numeric extends Common {
  value: number | null;
  /** null: the key goes, and what is usual holds. */
  write: (value: number | null) => void;
  placeholder?: string;
  suffix?: string;
  min: number;
  max: number;
  decimals?: number;
}

/** A number that is written once it was left, or with Enter, so that one change is one step of the undo. */
export function NumberField({ value, write, suffix = "", decimals = 0, ...look }: Numeric) {
  const [typed, setTyped] = useState<string | number>(value ?? "");
  useEffect(() => setTyped(value ?? ""), [value]);
  const keep = () => {
    const wanted = typed === "" ? null : Number(typed);
    if (wanted !== value && !Number.isNaN(wanted)) write(wanted);
  };
  return (
    <NumberInput {...look} value={typed} onChange={setTyped} onBlur={keep} onKeyDown={(event) => event.key === "Enter" && keep()} suffix={suffix} allowDecimal={decimals > 0} decimalScale={decimals} allowNegative={look.min < 0} clampBehavior="blur" hideControls />
  );
}

/** One of several; '' is what holds when nothing is written. */
export function ChoiceField({ value, write, options, ...look }: Common & { value: string; write: (value: string) => void; options: readonly { value: string; label: string }[] }) {
  // What is written and is none of them stays to be seen: the check says what is wrong with it.
  const all = options.some((one) => one.value === value) ? options : [...options, { value, label: value }];
  return <NativeSelect {...look} value={value} onChange={(event) => write(event.currentTarget.value)} data={[...all]} />;
}

/** "3m" → 180; null for what is no duration. */
export function secondsOf(written: unknown): number | null {
  const found = typeof written === "string" ? /^(\d{1,6})\s*(ms|s|m)$/.exec(written) : null;
  return found ? (Number(found[1]) * { ms: 1, s: 1000, m: 60_000 }[found[2] as "ms" | "s" | "m"]) / 1000 : null;
}

/** 180 → "180s", 0.5 → "500ms". */
export function durationOf(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}
