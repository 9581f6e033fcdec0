import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, data } from "../../api/client";
import { Icon } from "../../ui/Icon";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";

interface Props {
  text: string;
  language: string;
  /** Its name, for who cannot see beside what the button stands. */
  what: string;
  /** As a line would have it; without it that of a line of this language. */
  voice?: { engine: string; name: string };
}

/** Plays a text in the voice that callers hear. */
export function HearButton({ text, language, what, voice }: Props) {
  const words = useWords();
  const playing = useRef<{ context: AudioContext; source: AudioBufferSourceNode } | null>(null);
  const [sounds, setSounds] = useState(false);
  const stop = () => {
    const was = playing.current;
    playing.current = null;
    was?.source.stop();
    void was?.context.close();
    setSounds(false);
  };
  useEffect(() => stop, []);
  const hearing = useMutation({
    mutationFn: async () => {
      const context = new AudioContext(); // made in the click: browsers let no other begin to sound
      try {
        const wav = (await data(api.POST("/api/spoken", { body: { text, language, voice_engine: voice?.engine ?? "", voice: voice?.name ?? "" }, parseAs: "arrayBuffer" }))) as ArrayBuffer;
        return { context, sound: await context.decodeAudioData(wav) };
      } catch (error) {
        await context.close();
        throw error;
      }
    },
    onSuccess: ({ context, sound }) => {
      const source = new AudioBufferSourceNode(context, { buffer: sound });
      source.connect(context.destination);
      source.onended = stop;
      playing.current = { context, source };
      source.start();
      setSounds(true);
    },
  });
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<Icon name={sounds ? "stop" : "play"} size={16} />}
        aria-label={sounds ? words.knowledge.stop : words.knowledge.hear_what(what)}
        disabled={!text.trim()}
        loading={hearing.isPending}
        onClick={() => (sounds ? stop() : hearing.mutate())}
      >
        {sounds ? words.knowledge.stop : words.knowledge.hear}
      </Button>
      <Trouble error={hearing.error} />
    </>
  );
}
