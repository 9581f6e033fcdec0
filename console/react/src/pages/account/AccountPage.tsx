import { SegmentedControl, Stack, Text, Title, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useMe } from "../../api/me";
import { Facts } from "../../ui/Facts";
import { Page } from "../../ui/Page";
import { type Language, useLanguage, useWords } from "../../words";
import { SecondFactor } from "./SecondFactor";

/** Who is signed in, their second factor, and how the pages look to them. */
export default function AccountPage() {
  const words = useWords().account;
  return (
    <Page title={words.title} lead={words.about}>
      <Stack maw="46rem">
        <Who />
        <SecondFactor />
        <Look />
      </Stack>
    </Page>
  );
}

function Who() {
  const words = useWords();
  const me = useMe();
  const facts: [string, string][] = [
    [words.account.shown_as, me.display_name],
    [words.account.name, me.name],
    [words.account.roles, me.roles.map((role) => words.roles[role].name).join(", ")],
  ];
  if (me.roles.includes("operator")) facts.push([words.account.queues, me.queues.join(", ") || words.account.all_queues]);
  return (
    <Stack component="section" className="card" gap="sm" aria-labelledby="who">
      <Title order={2} size="h4" id="who">
        {words.account.who}
      </Title>
      <Facts facts={facts} />
      <Text size="sm" c="dimmed">
        {words.account.password_note}
      </Text>
    </Stack>
  );
}

function Look() {
  const words = useWords().account;
  const { language, setLanguage } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Stack component="section" className="card" gap="sm" aria-labelledby="look">
      <Title order={2} size="h4" id="look">
        {words.look}
      </Title>
      <Text fw={500}>{words.language}</Text>
      <SegmentedControl
        aria-label={words.language}
        value={language}
        onChange={(chosen) => setLanguage(chosen as Language)}
        data={[
          { value: "it", label: "Italiano" },
          { value: "en", label: "English" },
        ]}
      />
      <Text fw={500}>{words.colours}</Text>
      <SegmentedControl
        aria-label={words.colours}
        value={colorScheme}
        onChange={(chosen) => setColorScheme(chosen as MantineColorScheme)}
        data={[
          { value: "light", label: words.light },
          { value: "dark", label: words.dark },
          { value: "auto", label: words.auto },
        ]}
      />
    </Stack>
  );
}
