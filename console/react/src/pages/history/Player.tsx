import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type RefObject, useEffect, useRef, useState } from "react";
import { fromAnswer } from "../../api/errors";
import type { Schemas } from "../../api/client";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { clockOf, peaksOf } from "./calls";
import classes from "./history.module.css";

/** Of samples for the picture alone; the sound itself is played by the browser, piece by piece. */
const PICTURE_HZ = 8000;
const LONGEST_PICTURE_MS = 30 * 60_000;
const BARS = 600;

interface Props {
  recording: Schemas["RecordingView"];
  address: string;
  audio: RefObject<HTMLAudioElement | null>;
  /** Told where the call is while it plays. */
  moved: (atMs: number) => void;
}

/** A recording: its wave, on which one presses where to listen, and the browser's own player. */
export function Player({ recording, address, audio, moved }: Props) {
  const words = useWords();
  const w = words.history;
  const { started_ms, duration_ms, deleted_at } = recording;
  const [wanted, setWanted] = useState(false);
  const [atMs, setAtMs] = useState(0);
  const wave = useQuery({
    queryKey: ["wave", address],
    queryFn: () => waveOf(address),
    enabled: wanted,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const title = w.recording(clockOf(started_ms), clockOf(duration_ms));
  if (deleted_at) {
    return (
      <Text c="dimmed">
        {title}: {w.deleted}
      </Text>
    );
  }
  const seek = (share: number) => {
    if (!audio.current) return;
    audio.current.currentTime = (share * duration_ms) / 1000;
    void audio.current.play();
  };
  const walked = (element: HTMLAudioElement) => {
    setAtMs(element.currentTime * 1000);
    moved(started_ms + element.currentTime * 1000);
  };
  return (
    <Stack gap="xs">
      <Text size="sm">{title}</Text>
      {wave.data && <Wave channels={wave.data} share={duration_ms ? atMs / duration_ms : 0} seek={seek} />}
      <Trouble error={wave.error} again={() => wave.refetch()} />
      <audio ref={audio} className={classes.audio} controls preload="none" src={address} aria-label={title} onTimeUpdate={(event) => walked(event.currentTarget)} onSeeked={(event) => walked(event.currentTarget)} />
      <Group>
        {duration_ms > LONGEST_PICTURE_MS ? (
          <Text size="sm" c="dimmed">
            {w.too_long}
          </Text>
        ) : (
          !wave.data && (
            <Button size="compact-sm" variant="default" loading={wave.isFetching} onClick={() => setWanted(true)}>
              {w.show_wave}
            </Button>
          )
        )}
        <Anchor size="sm" href={`${address}?download=true`} download>
          {w.download}
        </Anchor>
      </Group>
    </Stack>
  );
}

/** Each channel's loudness over time. */
async function waveOf(address: string): Promise<number[][]> {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw await fromAnswer(answer);
  const sound = await new OfflineAudioContext(2, PICTURE_HZ, PICTURE_HZ).decodeAudioData(await answer.arrayBuffer());
  return Array.from({ length: Math.min(2, sound.numberOfChannels) }, (_, channel) => peaksOf(sound.getChannelData(channel), BARS));
}

function Wave({ channels, share, seek }: { channels: number[][]; share: number; seek: (share: number) => void }) {
  const w = useWords().history;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!canvas.current || !pen) return;
    const { width, height } = canvas.current;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = getComputedStyle(canvas.current).color;
    const tall = height / channels.length;
    channels.forEach((peaks, row) => {
      peaks.forEach((peak, bar) => {
        const high = Math.max(1, peak * tall * 0.95);
        pen.globalAlpha = bar / peaks.length < share ? 1 : 0.45;
        pen.fillRect((bar * width) / peaks.length, row * tall + (tall - high) / 2, Math.max(1, width / peaks.length - 1), high);
      });
    });
    pen.globalAlpha = 1;
    pen.fillRect(share * width, 0, 2, height);
  }, [channels, share]);
  return (
    // The player below does the same by keyboard.
    <canvas
      ref={canvas}
      className={classes.wave}
      width={1200}
      height={192}
      role="img"
      aria-label={w.wave}
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        seek((event.clientX - box.left) / box.width);
      }}
    />
  );
}
