import { Alert, Button, Group, NumberInput, Select, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data, type Schemas } from "../../api/client";
import { Trouble } from "../../ui/Trouble";
import { useUnsaved } from "../../ui/unsaved";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { KeepBar } from "./KeepBar";
import { type Days, daysOf, problemsOf, RETENTION, type Retention, same, withChannel } from "./settings";
import { useKeeping } from "./useKeeping";

const KINDS = ["audio_days", "transcript_days", "facts_days"] as const;
const CHANNELS = ["voice", "email", "chat", "whatsapp", "shop"];
const NONE: Days = { audio_days: null, transcript_days: null, facts_days: null };

/** How long what is kept. */
export function RetentionSection() {
  const found = useQuery({ queryKey: RETENTION, queryFn: () => data(api.GET("/api/settings/retention")), refetchOnWindowFocus: false, gcTime: 0 });
  if (found.error) return <Trouble error={found.error} again={() => found.refetch()} />;
  if (!found.data) return <Waiting height={240} />;
  return <RetentionForm key={found.data.revision} view={found.data} />;
}

function RetentionForm({ view }: { view: Schemas["RetentionView"] }) {
  const words = useWords();
  const w = words.settings;
  const [wanted, setWanted] = useState<Retention>(view.next);
  const changed = !same(wanted, view.next);
  const keeping = useKeeping(
    () => data(api.PUT("/api/settings/retention", { body: { revision: view.revision, retention: wanted } })),
    () => {},
  );
  const names = Object.keys(wanted.channels);
  const { at, others } = problemsOf(keeping.error, [...KINDS, ...names.flatMap((name) => KINDS.map((kind) => `channels.${name}.${kind}`))]);
  useUnsaved(changed);
  const send = (event: FormEvent) => {
    event.preventDefault();
    keeping.keep();
  };
  const numbers = (of: string, days: Days, change: (days: Days) => void) => (
    <SimpleGrid cols={{ base: 1, sm: 3 }} style={{ alignItems: "end" }}>
      {KINDS.map((kind) => (
        <NumberInput
          key={kind}
          label={w.kinds[kind]}
          description={w.kinds_help[kind]}
          placeholder={w.for_ever}
          value={days[kind] ?? ""}
          onChange={(value) => change({ ...days, [kind]: daysOf(value) })}
          error={at[of + kind]}
          min={1}
          max={36500}
          allowDecimal={false}
          hideControls
          suffix={w.days}
        />
      ))}
    </SimpleGrid>
  );
  return (
    <form onSubmit={send} aria-label={w.retention}>
      <Stack>
        <Title order={2} size="h4">
          {w.retention}
        </Title>
        <Text c="dimmed" maw="48rem">
          {w.retention_lead}
        </Text>
        {!same(view.now, view.next) && (
          <Alert color="yellow" variant="light" title={w.waits_title}>
            {w.waits_text}
          </Alert>
        )}
        {view.from_environment.length > 0 && (
          <Alert color="yellow" variant="light" title={w.environment_title}>
            {w.environment_text(view.from_environment.join(", "))}
          </Alert>
        )}
        <Stack className="card" component="section" aria-label={w.all_channels}>
          <Title order={3} size="h5">
            {w.all_channels}
          </Title>
          {numbers("", wanted, (days) => setWanted({ ...wanted, ...days }))}
        </Stack>
        {names.map((name) => (
          <Stack key={name} className="card" component="section" aria-label={w.channel(name)}>
            <Group justify="space-between">
              <Title order={3} size="h5">
                {w.channel(name)}
              </Title>
              <Button size="compact-sm" variant="subtle" aria-label={w.remove_channel(name)} onClick={() => setWanted(withChannel(wanted, name, null))}>
                {w.remove}
              </Button>
            </Group>
            <Text size="sm" c="dimmed">
              {w.channel_help}
            </Text>
            {numbers(`channels.${name}.`, { ...NONE, ...wanted.channels[name] }, (days) => setWanted(withChannel(wanted, name, days)))}
          </Stack>
        ))}
        <Select
          label={w.add_channel}
          placeholder={w.choose}
          data={CHANNELS.filter((one) => !names.includes(one))}
          value={null}
          onChange={(name) => name && setWanted(withChannel(wanted, name, NONE))}
          maw="16rem"
        />
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {w.written_in(view.file)}
        </Text>
        <KeepBar keeping={keeping} changed={changed} others={others} />
      </Stack>
    </form>
  );
}
