import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Trouble } from "./Trouble";
import { useWords } from "../words";

interface Props {
  title: string;
  text: string;
  go: string;
  /** Asks for a word on why. */
  message?: string;
  act: (message: string) => Promise<unknown>;
  close: () => void;
  harmful?: boolean;
}

/** Asks before something is done that cannot be seen to be harmless; shows why it did not work. */
export function Sure({ title, text, go, message, act, close, harmful }: Props) {
  const words = useWords();
  const [why, setWhy] = useState("");
  const doing = useMutation({ mutationFn: () => act(why), onSuccess: close });
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": words.frame.close }}>
      <Stack>
        <Text>{text}</Text>
        {message && <TextInput label={message} value={why} onChange={(event) => setWhy(event.currentTarget.value)} maxLength={255} data-autofocus />}
        <Trouble error={doing.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {words.frame.cancel}
          </Button>
          <Button color={harmful ? "red.9" : undefined} loading={doing.isPending} onClick={() => doing.mutate()}>
            {go}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
