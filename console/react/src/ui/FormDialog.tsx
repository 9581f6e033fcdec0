import { Button, Group, Modal, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useWords } from "../words";
import { Trouble } from "./Trouble";

interface Props {
  title: string;
  /** On the button that sends. */
  go: string;
  send: () => void;
  sending: boolean;
  error: unknown;
  close: () => void;
  harmful?: boolean;
  size?: "lg";
  children: ReactNode;
}

/** A form in a window of its own: Enter sends, Escape leaves; under its fields, why it was not taken. */
export function FormDialog({ title, go, send, sending, error, close, harmful, size, children }: Props) {
  const words = useWords();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <Modal opened onClose={close} title={title} size={size} closeButtonProps={{ "aria-label": words.frame.close }}>
      <form onSubmit={submit}>
        <Stack>
          {children}
          <Trouble error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.frame.cancel}
            </Button>
            <Button type="submit" color={harmful ? "red.9" : undefined} loading={sending}>
              {go}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
