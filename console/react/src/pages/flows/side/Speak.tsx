import { Alert, Button, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, data } from "../../../api/client";
import { Icon } from "../../../ui/Icon";
import { Trouble } from "../../../ui/Trouble";
import { useWords } from "../../../words";
import { LONGEST_S, MicrophoneFailed, record, type Recording } from "./clip";

interface Props {
  simulation: string;
  disabled: boolean;
  /** The microphone is about to open: whatever sounds must stop. */
  begins: () => void;
  heard: (words: { user: string; confidence?: number }) => void;
}

/** What is said into the microphone becomes the caller's words, as the line's own recognizer understands them. */
export function Speak({ simulation, disabled, begins, heard }: Props) {
  const words = useWords();
  const now = useRef<Recording | null>(null);
  const gone = useRef(false);
  const [seconds, setSeconds] = useState<number | null>(null);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
      now.current?.drop();
    };
  }, []);
  const recognising = useMutation({
    mutationFn: (clip: ArrayBuffer) =>
      data(
        api.POST("/api/simulated-speech/{simulation}", {
          params: { path: { simulation } },
          body: clip as unknown as string,
          bodySerializer: (body) => body as unknown as ArrayBuffer,
          headers: { "Content-Type": "audio/wav" },
        }),
      ),
    onSuccess: ({ text, confidence }) => heard({ user: text, confidence: confidence ?? undefined }),
  });
  const end = () => {
    const clip = now.current?.end();
    now.current = null;
    setSeconds(null);
    if (clip) recognising.mutate(clip);
  };
  const opening = useMutation({
    mutationFn: async () => {
      recognising.reset();
      begins();
      const lost = () => (end(), setLost(true));
      setLost(false);
      const recording = await record(setSeconds, end, lost);
      if (gone.current) return recording.drop();
      now.current = recording;
      setSeconds(0);
    },
  });
  const [lost, setLost] = useState(false);
  const w = words.desk.notices.microphone;
  const failure = opening.error instanceof MicrophoneFailed ? (w[opening.error.code] ?? w.failed)?.(opening.error.detail || opening.error.code) : lost && w.lost?.("");
  const records = seconds !== null;
  return (
    <>
      <Button
        size="xs"
        variant={records ? "filled" : "default"}
        leftSection={<Icon name={records ? "stop" : "microphone"} size={16} />}
        disabled={disabled && !records}
        loading={opening.isPending || recognising.isPending}
        onClick={() => (records ? end() : opening.mutate())}
      >
        {records ? words.flows.spoken : words.flows.speak}
      </Button>
      <Text size="sm" role="status">
        {records ? words.flows.listens(LONGEST_S) : recognising.isPending ? words.flows.recognises : ""}
        {records && <span aria-hidden> {Math.floor(seconds)} s</span>}
      </Text>
      {failure && (
        <Alert color="red" role="alert" variant="light" w="100%">
          {failure}
        </Alert>
      )}
      <Trouble error={opening.error instanceof MicrophoneFailed ? null : (opening.error ?? recognising.error)} />
    </>
  );
}
