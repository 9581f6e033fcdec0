import { Alert, Button, Group, NativeSelect, NumberInput, Stack, Text, Title } from "@mantine/core";
import { useWords } from "../../../words";
import type { GraphNode } from "../flows";
import { type Path, pathOf } from "../yaml/editing";
import { AddStep } from "./AddStep";
import { asText, type Editing, TextFields, Written } from "./TextFields";

const COMMANDS = ["operator", "repeat", "cancel", "correct", "opt_out"];

interface Props {
  node: GraphNode;
  editing: Editing;
  goTo: (line: number) => void;
  openQueue: (name: string) => void;
}

/** What can be changed about a step without YAML; all of it ends up in the YAML. */
export function StepForm({ node, editing, goTo, openQueue }: Props) {
  const words = useWords();
  const path = pathOf(node.id);
  const kind = (words.flows.kinds as Record<string, string>)[node.kind] ?? node.kind;
  return (
    <section className="card" aria-label={words.flows.step}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <Title order={2} size="h4">
            {kind} <Text span c="dimmed" size="sm">{node.id}</Text>
          </Title>
          <Button size="xs" variant="subtle" onClick={() => goTo(node.line)}>
            {words.flows.line(node.line)}
          </Button>
        </Group>
        {node.problems.map((problem) => (
          <Alert key={`${problem.line} ${problem.message}`} color={problem.severity === "error" ? "red" : "yellow"} variant="light" p="xs" role="note">
            {words.flows.line(problem.line)}: {problem.message}
          </Alert>
        ))}
        {node.kind === "queue" ? (
          <Group>
            <Button size="xs" variant="default" onClick={() => openQueue(node.label)}>
              {words.queues.open}
            </Button>
          </Group>
        ) : (
          <Fields node={node} path={path} editing={editing} />
        )}
        {node.flow && node.kind !== "?" && <AddStep path={path} editing={editing} />}
      </Stack>
    </section>
  );
}

function Fields({ node, path, editing }: { node: GraphNode; path: Path; editing: Editing }) {
  const words = useWords();
  const { yaml, set } = editing;
  const flows = yaml.keys(["flows"]);
  const value = (...below: Path) => asText(yaml.get([...path, ...below]));
  const text = (label: string, ...below: Path) => <Written label={label} value={value(...below)} write={(said) => set([...path, ...below], said)} />;
  const choice = (label: string, known: readonly string[], ...below: Path) => (
    <Choice label={label} known={known} value={value(...below)} write={(chosen) => set([...path, ...below], chosen)} />
  );
  const texts = node.texts.map((name) => <TextFields key={name} name={name} editing={editing} />);
  switch (node.kind) {
    case "if":
      return text(words.flows.condition, "if");
    case "handoff":
      return (
        <>
          {choice(words.flows.queue, yaml.keys(["queues"]), "handoff")}
          <NumberInput label={words.flows.priority} min={0} max={1000} allowDecimal={false} value={value("priority") === "" ? "" : Number(value("priority"))} onChange={(given) => typeof given === "number" && set([...path, "priority"], given)} />
          {texts}
        </>
      );
    case "menu":
      return (
        <>
          {texts}
          {yaml.keys([...path, "menu", "options"]).map((option) => (
            <Group key={option} grow align="flex-start">
              {choice(words.flows.option_leads(option), ["", ...flows, ...COMMANDS], "menu", "options", option, "goto")}
              {text(words.flows.option_key(option), "menu", "options", option, "key")}
            </Group>
          ))}
        </>
      );
    case "goto":
    case "jump":
      return choice(words.flows.leads_to, flows, node.kind);
    case "end":
      return text(words.flows.outcome, "end");
    default:
      return texts.length > 0 ? texts : <Text c="dimmed">{words.flows.only_yaml}</Text>;
  }
}

function Choice({ label, known, value, write }: { label: string; known: readonly string[]; value: string; write: (chosen: string) => void }) {
  const words = useWords();
  const all = known.includes(value) ? known : [value, ...known];
  return <NativeSelect label={label} value={value} data={all.map((one) => ({ value: one, label: one || words.flows.next_step }))} onChange={(event) => write(event.currentTarget.value)} />;
}
