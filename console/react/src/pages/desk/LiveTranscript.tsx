import { Button, Text } from "@mantine/core";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useWords } from "../../words";
import { clock } from "../wall/wall";
import classes from "./desk.module.css";
import type { Turn } from "./turns";

const NEAR_PX = 80;

/**
 * What was said and is being said. It follows the words only for who reads at the end; who scrolled back stays where they
 * read. focused: takes the focus when a call begins, so that scrolling keys work and one more Enter hangs up nothing.
 */
export function LiveTranscript({ turns, focused }: { turns: readonly Turn[]; focused: boolean }) {
  const w = useWords().desk;
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const toTheEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(() => {
    if (atEnd) toTheEnd();
  }, [turns, atEnd]);
  useEffect(() => {
    if (focused) box.current?.focus({ preventScroll: true });
  }, [focused]);
  const look = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = box.current ?? {};
    setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR_PX);
  };
  return (
    <div className={classes.words}>
      <div className={classes.scrolls} ref={box} onScroll={look} tabIndex={0} role="region" aria-label={w.words}>
        <div role="log" aria-label={w.words}>
          {turns.length === 0 && <Text c="dimmed">{w.no_words}</Text>}
          <ol className={classes.turns} id="words">
            {turns.map((turn) => (
              <li key={turn.key} data-speaker={turn.speaker} data-partial={turn.partial || undefined} aria-live={turn.partial ? "off" : undefined}>
                <Text size="sm" c="dimmed">
                  <strong>{w.speakers[turn.speaker] ?? w.speakers.bot}</strong> {turn.atMs !== null && <time>{clock(turn.atMs)}</time>}
                </Text>
                <p>{turn.text}</p>
              </li>
            ))}
          </ol>
        </div>
      </div>
      {!atEnd && (
        <Button className={classes.to_the_end} size="compact-sm" variant="default" onClick={toTheEnd}>
          {w.to_the_end}
        </Button>
      )}
    </div>
  );
}
