import { Alert, Button, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { Differences } from "./side/Differences";

interface Props {
  id: string;
  /** The revision that the draft was begun on, and the one that is served now. */
  base: number;
  latest: number;
  serial: number;
  text: string;
  done: () => void;
}

/** Another revision was published since the draft was begun: what it changed, and that it was taken up. */
export function Overtaken({ id, base, latest, serial, text, done }: Props) {
  const words = useWords();
  const take = useMutation({
    mutationFn: () => data(api.PUT("/api/flowbooks/{flowbook}/draft", { params: { path: { flowbook: id } }, body: { text, seen: serial, base: latest } })),
    onSuccess: done,
  });
  return (
    <Alert color="yellow" variant="light" role="note" title={words.flows.overtaken}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{words.flows.overtaken_text(base, latest)}</Text>
        <Differences id={id} before={String(base)} after={String(latest)} />
        <Trouble error={take.error} />
        <Button size="xs" variant="default" loading={take.isPending} onClick={() => take.mutate()}>
          {words.flows.taken_up}
        </Button>
      </Stack>
    </Alert>
  );
}
