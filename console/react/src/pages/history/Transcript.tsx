import { Text, UnstyledButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Facts } from "../../ui/Facts";
import { useWords } from "../../words";
import { clockOf, type Turn } from "./calls";
import classes from "./history.module.css";

interface Props {
  turns: readonly Turn[];
  /** The seq of the turn that sounds now. */
  now: number | null;
  /** Plays from a moment of the call; null where there is nothing to be heard. */
  listen: ((atMs: number) => void) | null;
  /** More is being said. */
  goesOn?: boolean;
}

/** What was said, each turn with why; walks along while a recording plays. */
export function Transcript({ turns, now, listen, goesOn = false }: Props) {
  const words = useWords();
  const w = words.history;
  const current = useRef<HTMLLIElement>(null);
  useEffect(() => {
    current.current?.scrollIntoView({ block: "nearest" }); // newer browsers return a promise, which no effect may
  }, [now]);
  if (turns.length === 0) return <Text c="dimmed">{w.no_words}</Text>;
  return (
    <ol className={classes.turns} aria-label={w.transcript} aria-live={goesOn ? "polite" : undefined}>
      {turns.map((turn) => {
        const notes = [
          turn.speaker === "caller" && turn.confidence !== null && w.sure(words.format.percent(turn.confidence)),
          turn.latency_ms !== null && w.after(words.format.duration(turn.latency_ms)),
          turn.interrupted && w.interrupted,
        ].filter(Boolean);
        return (
          <li key={turn.seq} ref={turn.seq === now ? current : undefined} className={classes.turn} data-speaker={turn.speaker} aria-current={turn.seq === now ? "true" : undefined}>
            <Text size="sm" c="dimmed">
              {listen ? (
                <UnstyledButton className={classes.time} aria-label={w.listen_from(clockOf(turn.start_ms))} onClick={() => listen(turn.start_ms)}>
                  ▶ {clockOf(turn.start_ms)}
                </UnstyledButton>
              ) : (
                clockOf(turn.start_ms)
              )}{" "}
              {w.speakers[turn.speaker] ?? turn.speaker} {notes.length > 0 && `· ${notes.join(" · ")}`}
            </Text>
            <Text>{turn.text}</Text>
            {turn.heard && (
              <Text size="sm" c="dimmed">
                {w.heard_as(turn.heard)}
              </Text>
            )}
            {turn.why && <Why why={turn.why} />}
          </li>
        );
      })}
    </ol>
  );
}

function Why({ why }: { why: NonNullable<Turn["why"]> }) {
  const words = useWords();
  const w = words.history;
  const facts: [string, string][] = [
    [w.asked, why.asked && `«${why.asked}»`],
    [w.score, why.score === null ? "" : words.format.percent(why.score)],
    [w.band, w.bands[why.band] ?? why.band],
    [w.version, why.version],
    [w.rivals, why.rivals.map((one) => `${one.title || one.article} (${words.format.percent(one.score)})`).join("; ")],
  ];
  return (
    <details className={classes.why}>
      <summary>{w.why(why.title || why.article)}</summary>
      <Facts facts={facts.filter(([, value]) => value)} />
    </details>
  );
}
