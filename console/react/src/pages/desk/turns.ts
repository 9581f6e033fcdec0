// What was said, in order, while it is still being said. Pure.
import type { Said, Speaker } from "./protocol";

/** key: the same for as long as it is the same turn. partial: still being said. */
export interface Turn {
  key: string;
  speaker: Speaker;
  text: string;
  atMs: number | null;
  partial: boolean;
  seq: number | null;
}

/**
 * The turns with one message more. A partial takes the place of the speaker's last one, a final ends it; finals stand
 * before what is still being said, so that the list is in the order of ending. A final that is there is not added again.
 */
export function added(turns: readonly Turn[], said: Said): readonly Turn[] {
  const partial = said.is_final === false;
  const seq = said.seq ?? null;
  if (!partial && seq !== null && turns.some((one) => one.seq === seq)) return turns;
  const others = turns.filter((one) => !(one.partial && one.speaker === said.speaker));
  if (!said.text.trim()) return others;
  const finals = others.filter((one) => !one.partial);
  const open = others.filter((one) => one.partial);
  const key = partial ? `${said.speaker}…` : seq === null ? `${finals.length}` : `seq ${seq}`;
  const turn: Turn = { key, speaker: said.speaker, text: said.text, atMs: said.at_ms ?? null, partial, seq: partial ? null : seq };
  return partial ? [...others, turn] : [...finals, turn, ...open];
}

/** What a speaker last said to its end; '' when nothing. */
export function lastWordsOf(turns: readonly Turn[], speaker: Speaker): string {
  return turns.filter((one) => one.speaker === speaker && !one.partial).at(-1)?.text ?? "";
}
