import { Alert, Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Icon } from "../../../ui/Icon";
import { Tag } from "../../../ui/Tag";
import { useWords } from "../../../words";
import { errorsIn, type Graph, type Problem } from "../flows";
import classes from "../side/side.module.css";
import type { Editing } from "../steps/TextFields";
import { AddNamed } from "./AddNamed";
import { Announcements } from "./Announcements";
import { BookCalendar } from "./BookCalendar";
import { NameBar } from "./NameBar";
import { type Opened, problemsAt, type Section, usesOf } from "./naming";
import { QueueForm } from "./QueueForm";
import { UsedHere } from "./UsedHere";

interface Props {
  opened: Opened | null;
  open: (opened: Opened | null) => void;
  editing: Editing;
  /** Of the text as it is now; undefined until it was looked at. */
  graph: Graph | undefined;
  problems: readonly Problem[];
  goTo: (line: number) => void;
}

/** The flowbook's queues and calendars, each with its form; all of it ends up in the YAML, and with it in the draft. */
export function Queues(props: Props) {
  const { opened, open, editing } = props;
  const there = opened && editing.yaml.keys([opened.section]).includes(opened.name);
  return (
    <Stack className={classes.side} gap="lg">
      {there ? <One key={`${opened.section}.${opened.name}`} {...props} opened={opened} back={() => open(null)} /> : <Lists {...props} />}
    </Stack>
  );
}

function Lists({ open, editing, graph, problems }: Props) {
  const w = useWords().queues;
  return (
    <>
      <Text size="sm" c="dimmed">
        {w.lead}
      </Text>
      <List section="queues" open={open} editing={editing} graph={graph} problems={problems} />
      <List section="calendars" open={open} editing={editing} graph={graph} problems={problems} />
      <Announcements editing={editing} />
    </>
  );
}

function List({ section, open, editing, graph, problems }: Pick<Props, "open" | "editing" | "graph" | "problems"> & { section: Section }) {
  const w = useWords().queues;
  const [adding, setAdding] = useState(false);
  const names = editing.yaml.keys([section]);
  const columns: Column<string>[] = [
    { key: "name", title: section === "queues" ? w.queue : w.calendar, names: true, cell: (name) => <Text fw={600}>{name}</Text> },
    { key: "used", title: w.used, cell: (name) => (graph ? w.used_by(usesOf(graph.mentions, { section, name }).calls.length) : "…") },
    { key: "state", title: w.state, cell: (name) => <State problems={problems} opened={{ section, name }} /> },
    {
      key: "edit",
      title: w.actions,
      numeric: true,
      cell: (name) => (
        <Button size="compact-sm" variant="subtle" aria-label={w.edit_of(name)} onClick={() => open({ section, name })}>
          {w.edit}
        </Button>
      ),
    },
  ];
  return (
    <Stack component="section" aria-labelledby={section} gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h4" id={section}>
          {w[section]}
        </Title>
        <Button size="xs" variant="default" leftSection={<Icon name="plus" size={18} />} onClick={() => setAdding(true)}>
          {section === "queues" ? w.add_queue : w.add_calendar}
        </Button>
      </Group>
      {section === "calendars" && (
        <Text size="sm" c="dimmed">
          {names.length === 0 ? w.no_calendar : w.calendars_about}
        </Text>
      )}
      {names.length > 0 && <DataTable caption={w[section]} columns={columns} rows={names} keyOf={(name) => name} />}
      {adding && <AddNamed section={section} editing={editing} close={() => setAdding(false)} done={(name) => open({ section, name })} />}
    </Stack>
  );
}

function State({ problems, opened }: { problems: readonly Problem[]; opened: Opened }) {
  const words = useWords();
  const { at, others } = problemsAt(problems, opened);
  const errors = Object.keys(at).length + errorsIn(others);
  const warnings = others.length - errorsIn(others);
  if (errors > 0) return <Tag tone="bad">{words.flows.errors(errors)}</Tag>;
  return warnings > 0 ? <Tag tone="warn">{words.flows.warnings(warnings)}</Tag> : <Tag tone="good">{words.queues.good}</Tag>;
}

function One({ opened, open, back, editing, graph, problems, goTo }: Props & { opened: Opened; back: () => void }) {
  const w = useWords().queues;
  const { section, name } = opened;
  const { at, others } = problemsAt(problems, opened);
  return (
    <Stack component="section" aria-label={name}>
      <div>
        <Anchor component="button" type="button" size="sm" onClick={back}>
          ← {w.back}
        </Anchor>
      </div>
      <NameBar opened={opened} open={open} editing={editing} graph={graph} goTo={goTo} />
      {others.map((one) => (
        <Alert key={one.message} color={one.severity === "error" ? "red" : "yellow"} variant="light" p="xs" role="note">
          {one.message}
        </Alert>
      ))}
      {section === "queues" ? <QueueForm name={name} editing={editing} at={at} /> : <BookCalendar name={name} editing={editing} at={at} />}
      {graph && <UsedHere mentions={usesOf(graph.mentions, opened).calls} title={w.used_here} goTo={goTo} />}
    </Stack>
  );
}
