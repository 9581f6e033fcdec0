import { Button, Group, Modal, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { Differences } from "./side/Differences";

interface Props {
  id: string;
  serial: number;
  warnings: number;
  close: () => void;
  done: () => void;
}

/** Shows what the draft changes, asks why, and publishes it. */
export function Publish({ id, serial, warnings, close, done }: Props) {
  const words = useWords();
  const [message, setMessage] = useState("");
  const publish = useMutation({
    mutationFn: () => data(api.POST("/api/flowbooks/{flowbook}/publish", { params: { path: { flowbook: id } }, body: { serial, message } })),
    onSuccess: ({ revision }) => {
      toast(words.flows.published_now(revision.number));
      close();
      done();
    },
  });
  return (
    <Modal opened onClose={close} size="lg" title={words.flows.publish_title(id)} closeButtonProps={{ "aria-label": words.frame.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          publish.mutate();
        }}
      >
        <Stack>
          <Title order={3} size="h5">
            {words.flows.differences}
          </Title>
          <Differences id={id} before="published" after="draft" />
          {warnings > 0 && <Text size="sm">{words.flows.with_warnings(warnings)}</Text>}
          <TextInput label={words.flows.message} description={words.flows.message_help} required value={message} maxLength={500} onChange={(event) => setMessage(event.currentTarget.value)} data-autofocus />
          <Trouble error={publish.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.frame.cancel}
            </Button>
            <Button type="submit" loading={publish.isPending} disabled={!message.trim()}>
              {words.flows.publish}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
