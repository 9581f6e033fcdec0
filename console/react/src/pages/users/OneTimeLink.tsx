import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { CopyButton } from "../../ui/CopyButton";
import { useWords } from "../../words";
import type { Link } from "./users";

/** The link of a new account, or of who lost their password. It is nowhere else: closing this forgets it. */
export function OneTimeLink({ link, close }: { link: Link; close: () => void }) {
  const words = useWords();
  const address = location.origin + link.path;
  return (
    <Modal
      opened
      onClose={close}
      title={words.users.created(link.account.display_name)}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": words.frame.close }}
    >
      <Stack>
        <Text>{words.users.link_text(words.format.dateTime(link.expires_at))}</Text>
        <TextInput label={words.users.link} value={address} readOnly onFocus={(event) => event.currentTarget.select()} data-autofocus />
        <Group justify="flex-end">
          <CopyButton text={address} />
          <Button onClick={close}>{words.users.link_done}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
