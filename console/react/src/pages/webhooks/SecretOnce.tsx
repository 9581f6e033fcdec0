import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { CopyButton } from "../../ui/CopyButton";
import { useWords } from "../../words";

/** The secret of an address. It is nowhere else in the page: closing this forgets it. */
export function SecretOnce({ secret, close }: { secret: string; close: () => void }) {
  const words = useWords();
  return (
    <Modal opened onClose={close} title={words.webhooks.secret_title} size="lg" closeOnClickOutside={false} closeButtonProps={{ "aria-label": words.frame.close }}>
      <Stack>
        <Text>{words.webhooks.secret_text}</Text>
        <TextInput label={words.webhooks.secret} value={secret} readOnly onFocus={(event) => event.currentTarget.select()} data-autofocus />
        <Group justify="flex-end">
          <CopyButton text={secret} />
          <Button onClick={close}>{words.webhooks.done}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
