import { ActionIcon, Menu } from "@mantine/core";
import { Icon } from "../../ui/Icon";
import { useWords } from "../../words";
import type { Act } from "./SureAbout";
import type { Account } from "./users";

/** What may be done with an account. mine: it is the reader's own, which nobody takes away from themselves. */
export function UserMenu({ account, mine, edit, ask }: { account: Account; mine: boolean; edit: () => void; ask: (act: Act) => void }) {
  const words = useWords();
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" aria-label={words.users.actions_of(account.display_name)}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={edit}>{words.users.edit}</Menu.Item>
        {!account.disabled && !account.elsewhere && <Menu.Item onClick={() => ask("new_link")}>{words.users.new_link}</Menu.Item>}
        {account.second_factor && !mine && <Menu.Item onClick={() => ask("without_phone")}>{words.users.without_phone}</Menu.Item>}
        {!mine && !account.disabled && (
          <Menu.Item c="var(--mantine-color-error)" onClick={() => ask("disable")}>
            {words.users.disable}
          </Menu.Item>
        )}
        {account.disabled && <Menu.Item onClick={() => ask("enable")}>{words.users.enable}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
