import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../../api/client";
import { Trouble } from "../../../ui/Trouble";
import { useWords } from "../../../words";
import type { Revision } from "../flows";
import { Differences } from "./Differences";
import classes from "./side.module.css";

interface Props {
  id: string;
  latest: number;
  /** A revision came back: everything is to be read anew. */
  rolledBack: () => void;
}

/** What was published, by whom and why; each can be compared with what is served, and come back. */
export function Revisions({ id, latest, rolledBack }: Props) {
  const words = useWords();
  const params = { path: { flowbook: id } };
  const found = useQuery({ queryKey: ["flow-revisions", id, latest], queryFn: () => data(api.GET("/api/flowbooks/{flowbook}/revisions", { params })) });
  const [looked, setLooked] = useState<Revision | null>(null);
  return (
    <Stack gap="sm" className={classes.side}>
      <Trouble error={found.error} again={() => found.refetch()} />
      <ul className={classes.list} aria-label={words.flows.revisions}>
        {(found.data ?? []).map((one) => (
          <li key={one.number}>
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <div>
                <Text fw={600}>
                  {words.flows.revision(one.number)} {one.number === latest && <Text span c="dimmed" size="sm">· {words.flows.served}</Text>}
                </Text>
                <Text size="sm">{one.message || (one.of ? words.flows.came_back(one.of) : "")}</Text>
                <Text size="sm" c="dimmed">
                  {words.format.dateTime(one.at)} · {one.who || words.flows.by_hand}
                </Text>
              </div>
              {one.number !== latest && (
                <Button size="xs" variant="default" aria-label={words.flows.look_at(one.number)} onClick={() => setLooked(one)}>
                  {words.flows.look}
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ul>
      {looked && <BringBack id={id} revision={looked} latest={latest} close={() => setLooked(null)} done={() => (setLooked(null), rolledBack())} />}
    </Stack>
  );
}

function BringBack({ id, revision, latest, close, done }: { id: string; revision: Revision; latest: number; close: () => void; done: () => void }) {
  const words = useWords();
  const [message, setMessage] = useState("");
  const back = useMutation({
    mutationFn: () => data(api.POST("/api/flowbooks/{flowbook}/rollback", { params: { path: { flowbook: id } }, body: { revision: revision.number, latest, message } })),
    onSuccess: done,
  });
  return (
    <Modal opened onClose={close} size="lg" title={words.flows.bring_back_title(revision.number)} closeButtonProps={{ "aria-label": words.frame.close }}>
      <Stack>
        <Text>{words.flows.bring_back_text}</Text>
        <Differences id={id} before="published" after={String(revision.number)} />
        <TextInput label={words.flows.message} value={message} maxLength={500} onChange={(event) => setMessage(event.currentTarget.value)} />
        <Trouble error={back.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {words.frame.cancel}
          </Button>
          <Button loading={back.isPending} onClick={() => back.mutate()}>
            {words.flows.bring_back}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
