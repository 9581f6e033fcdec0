import { Alert, Button, Group, List, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "../../api/client";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { ARTICLES } from "./articles";

interface Props {
  ids: string[];
  /** Of what is published, in the heading. */
  name: string;
  close: () => void;
  /** Done before, such as saving. */
  before?: () => Promise<unknown>;
}

/** Asks for a word on what changes, and publishes all of these drafts or none. */
export function Publishing({ ids, name, close, before }: Props) {
  const words = useWords();
  const w = words.knowledge;
  const queries = useQueryClient();
  const [message, setMessage] = useState("");
  const publishing = useMutation({
    mutationFn: async () => {
      await before?.();
      return data(api.POST("/api/articles/publish", { body: { ids, message } }));
    },
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ARTICLES });
      if (!made.served) return;
      close();
      toast(w.published);
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    publishing.mutate();
  };
  const late = publishing.data && !publishing.data.served ? publishing.data.why : null;
  return (
    <Modal opened onClose={close} title={w.publish_title(name)} closeButtonProps={{ "aria-label": words.frame.close }}>
      <form onSubmit={send}>
        <Stack>
          <Text>{w.publish_text}</Text>
          <TextInput label={w.message} value={message} onChange={(event) => setMessage(event.currentTarget.value)} maxLength={500} data-autofocus />
          <Trouble error={publishing.error} />
          {late && (
            <Alert color="yellow" role="alert" title={w.not_taken_up}>
              <List size="sm" lang="en">
                {late.map((why) => (
                  <List.Item key={why}>{why}</List.Item>
                ))}
              </List>
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {late ? words.frame.close : words.frame.cancel}
            </Button>
            {!late && (
              <Button type="submit" loading={publishing.isPending}>
                {w.publish}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
