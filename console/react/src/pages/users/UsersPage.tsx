import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { useMe } from "../../api/me";
import { type Column, DataTable } from "../../ui/DataTable";
import { Icon } from "../../ui/Icon";
import { Page } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { Waiting } from "../../ui/Waiting";
import { WithSkills } from "../../ui/WithSkills";
import { useWords } from "../../words";
import { AddUser } from "./AddUser";
import { EditDuties } from "./EditDuties";
import { OneTimeLink } from "./OneTimeLink";
import { type Act, SureAbout } from "./SureAbout";
import { type Account, ACCOUNTS, type Link, type State, statesOf } from "./users";
import { UserMenu } from "./UserMenu";

const TONES: Partial<Record<State, "good" | "warn" | "bad">> = { active: "good", elsewhere: "good", invited: "warn", disabled: "bad" };

/** Who may sign in: everybody, and what a sysadmin does with them. */
export default function UsersPage() {
  const words = useWords();
  const me = useMe();
  const [adding, setAdding] = useState(false);
  const [edited, setEdited] = useState<Account | null>(null);
  const [sure, setSure] = useState<{ act: Act; account: Account } | null>(null);
  const [link, setLink] = useState<Link | null>(null);
  const accounts = useQuery({ queryKey: ACCOUNTS, queryFn: () => data(api.GET("/api/accounts")) });

  const columns: Column<Account>[] = [
    {
      key: "name",
      title: words.users.display_name,
      names: true,
      cell: (account) => (
        <Stack gap={0}>
          <Text fw={600}>{account.display_name}</Text>
          <Text size="sm" c="dimmed">
            {account.name}
          </Text>
        </Stack>
      ),
    },
    { key: "roles", title: words.users.roles, cell: (account) => account.roles.map((role) => words.roles[role].name).join(", ") },
    { key: "queues", title: words.users.queues_and_skills, cell: (account) => <WithSkills text={queuesOf(account, words.users.all_queues)} skills={account.skills} /> },
    {
      key: "state",
      title: words.users.state,
      cell: (account) => (
        <Group gap={6}>
          {statesOf(account, me.id).map((state) => (
            <Tag key={state} tone={TONES[state]}>
              {words.users.states[state]}
            </Tag>
          ))}
        </Group>
      ),
    },
    {
      key: "actions",
      title: words.users.actions,
      numeric: true,
      cell: (account) => <UserMenu account={account} mine={account.id === me.id} edit={() => setEdited(account)} ask={(act) => setSure({ act, account })} />,
    },
  ];

  return (
    <Page
      title={words.users.title}
      lead={words.users.about}
      actions={
        <Button leftSection={<Icon name="plus" size={18} />} onClick={() => setAdding(true)}>
          {words.users.add}
        </Button>
      }
    >
      <Trouble error={accounts.error} again={() => accounts.refetch()} />
      {accounts.isPending && <Waiting height={180} />}
      {accounts.data && <DataTable caption={words.users.list} columns={columns} rows={accounts.data} keyOf={(account) => account.id} />}
      {adding && <AddUser accounts={accounts.data ?? []} close={() => setAdding(false)} made={setLink} />}
      {edited && <EditDuties account={edited} accounts={accounts.data ?? []} close={() => setEdited(null)} />}
      {sure && <SureAbout {...sure} close={() => setSure(null)} made={setLink} />}
      {link && <OneTimeLink link={link} close={() => setLink(null)} />}
    </Page>
  );
}

function queuesOf(account: Account, all: string): string {
  if (!account.roles.includes("operator")) return "–";
  return account.queues.join(", ") || all;
}
