import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Tag } from "../../ui/Tag";
import { useWords } from "../../words";
import type { Mode } from "./listening";
import type { Listening } from "./useListening";
import { clock } from "./wall";
import classes from "./wall.module.css";

const MODES: readonly Mode[] = ["listen", "whisper", "barge"];

/** The call that is listened to: how one takes part in it, its words, and the way out. */
export function ListeningPanel({ listening }: { listening: Listening }) {
  const words = useWords();
  const { operator, heard, become, stop } = listening;
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "nearest" });
  }, [heard.turns]);
  if (!operator) return null;
  const w = words.wall;
  return (
    <section className={`card ${classes.listening}`} aria-label={w.listening_to(operator.name)}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Group gap="xs">
            <Title order={2} size="h4">
              {w.listening_to(operator.name)}
            </Title>
            <span role="status">{heard.over === null && heard.mode && <Tag tone={heard.mode === "listen" ? "good" : "warn"}>{w.modes[heard.mode]}</Tag>}</span>
          </Group>
          <Button variant="default" onClick={stop}>
            {heard.over === null ? w.stop_listening : words.frame.close}
          </Button>
        </Group>
        {heard.over === null ? (
          <Group gap="xs" role="group" aria-label={w.take_part}>
            {MODES.map((mode) => (
              <Button key={mode} size="sm" variant={heard.mode === mode ? "filled" : "default"} aria-pressed={heard.mode === mode} disabled={heard.mode === null} onClick={() => become(mode)}>
                {w.become[mode](operator.name)}
              </Button>
            ))}
          </Group>
        ) : (
          <Alert color="yellow" variant="light" role="status">
            {w.over[heard.over as keyof typeof w.over] ?? w.over.lost}
          </Alert>
        )}
        {heard.confidential && (
          <Alert color="yellow" variant="light" role="status">
            {w.confidential}
          </Alert>
        )}
        {heard.trouble && (
          <Alert color="red" variant="light" role="alert">
            {w.sound_trouble[heard.trouble as keyof typeof w.sound_trouble] ?? w.sound_trouble.mic_failed}
          </Alert>
        )}
        <div className={classes.words} tabIndex={0} role="region" aria-label={w.words}>
          <ol className={classes.turns}>
            {heard.turns.map((turn) => (
              <li key={`${turn.speaker} ${turn.atMs} ${turn.partial}`} data-partial={turn.partial || undefined}>
                <Text size="sm" c="dimmed" span>
                  {w.speakers[turn.speaker as keyof typeof w.speakers] ?? turn.speaker} {clock(turn.atMs)}
                </Text>{" "}
                {turn.text}
              </li>
            ))}
            <li ref={end} aria-hidden="true" />
          </ol>
        </div>
      </Stack>
    </section>
  );
}
