import { Alert, Button, Group, Modal, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { FormDialog } from "../../../ui/FormDialog";
import { toast } from "../../../ui/toasts";
import { useWords } from "../../../words";
import type { Graph } from "../flows";
import type { Editing } from "../steps/TextFields";
import { isName, type Mention, type Opened, removed, renamed, usesOf } from "./naming";
import { usePeople } from "./QueueForm";
import { InArticles } from "./InArticles";
import { UsedHere } from "./UsedHere";

interface Props {
  opened: Opened;
  open: (opened: Opened | null) => void;
  editing: Editing;
  graph: Graph | undefined;
  goTo: (line: number) => void;
}

/** What it is called; another name for it everywhere, and away with it when nothing needs it. */
export function NameBar({ opened, open, editing, graph, goTo }: Props) {
  const w = useWords().queues;
  const [asking, setAsking] = useState<"name" | "remove" | null>(null);
  const close = () => setAsking(null);
  // Where it is named is known only of a text that the server could read, and has read as it is now.
  const mentions = graph?.nodes.some((node) => node.kind === "queue") ? graph.mentions : null;
  return (
    <Group justify="space-between">
      <Title order={2} size="h4">
        {opened.name}
      </Title>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" disabled={!mentions} onClick={() => setAsking("name")}>
          {w.rename}
        </Button>
        <Button size="compact-sm" variant="subtle" color="red" c={mentions ? "var(--mantine-color-error)" : undefined} disabled={!mentions} onClick={() => setAsking("remove")}>
          {opened.section === "queues" ? w.remove_queue : w.remove_calendar}
        </Button>
      </Group>
      {mentions && asking === "name" && <Rename opened={opened} open={open} editing={editing} mentions={mentions} close={close} />}
      {mentions && asking === "remove" && <Remove opened={opened} open={open} editing={editing} mentions={mentions} close={close} goTo={goTo} />}
    </Group>
  );
}

interface Asked extends Omit<Props, "graph" | "goTo"> {
  mentions: readonly Mention[];
  close: () => void;
}

function Rename({ opened, open, editing, mentions, close }: Asked) {
  const w = useWords().queues;
  const people = usePeople();
  const [name, setName] = useState(opened.name);
  const { calls, tests } = usesOf(mentions, opened);
  const answering = opened.section === "queues" ? (people.data?.by_queue[opened.name] ?? 0) : 0;
  const taken = name !== opened.name && editing.yaml.keys([opened.section]).includes(name);
  const wrong = taken ? w.taken : isName(name) ? undefined : w.bad_name;
  const send = () => {
    if (wrong) return;
    if (name === opened.name) return close();
    const change = renamed(editing.yaml.text, opened, name, mentions);
    if (!change) return toast(w.not_written);
    editing.apply(change);
    close();
    open({ ...opened, name });
  };
  return (
    <FormDialog title={w.rename_title(opened.name)} go={w.rename} send={send} sending={false} error={people.error} close={close}>
      <TextInput label={w.name} value={name} onChange={(event) => setName(event.currentTarget.value)} error={wrong} maxLength={64} spellCheck={false} data-autofocus />
      <Text size="sm">{w.rename_text(calls.length + tests.length)}</Text>
      <InArticles opened={opened} />
      {answering > 0 && (
        <Alert color="yellow" variant="light" p="xs">
          {w.rename_people(answering)}
        </Alert>
      )}
      {opened.section === "queues" && (
        <Text size="sm" c="dimmed">
          {w.rename_history}
        </Text>
      )}
    </FormDialog>
  );
}

function Remove({ opened, open, editing, mentions, close, goTo }: Asked & Pick<Props, "goTo">) {
  const words = useWords();
  const w = words.queues;
  const { calls, tests } = usesOf(mentions, opened);
  const show = (line: number) => {
    close();
    goTo(line);
  };
  const last = opened.section === "queues" && editing.yaml.keys(["queues"]).length === 1;
  if (calls.length > 0 || last) {
    return (
      <Modal opened onClose={close} title={w.in_use(opened.name)} closeButtonProps={{ "aria-label": words.frame.close }}>
        <Stack>
          {last && <Text>{w.last_queue}</Text>}
          <UsedHere mentions={calls} title={w.in_use_text} goTo={show} />
          <InArticles opened={opened} />
        </Stack>
      </Modal>
    );
  }
  const send = () => {
    const change = removed(editing.yaml.text, opened);
    if (!change) return toast(w.not_written);
    editing.apply(change);
    close();
    open(null);
  };
  return (
    <FormDialog title={w.remove_title(opened.name)} go={opened.section === "queues" ? w.remove_queue : w.remove_calendar} send={send} sending={false} error={null} close={close} harmful>
      <Text>{w.remove_text}</Text>
      <InArticles opened={opened} />
      <UsedHere mentions={tests} title={w.tests_name_it} goTo={show} />
    </FormDialog>
  );
}
