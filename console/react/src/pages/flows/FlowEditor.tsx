import { ActionIcon, Anchor, Button, Group, Switch, Tabs, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { api, data } from "../../api/client";
import { Icon } from "../../ui/Icon";
import { Page } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useUnsaved } from "../../ui/unsaved";
import { useWords } from "../../words";
import classes from "./FlowEditor.module.css";
import { errorsIn, FLOWBOOKS, isoDay, nodeAt, problemsOf, type WholeFlowbook } from "./flows";
import { FlowGraph, type Walk } from "./graph/FlowGraph";
import { Discard } from "./Discard";
import { Overtaken } from "./Overtaken";
import { Problems } from "./Problems";
import { Publish } from "./Publish";
import { type Opened, openedOf } from "./queues/naming";
import { Queues } from "./queues/Queues";
import { Revisions } from "./side/Revisions";
import type { RecordedTest } from "./side/SaveTest";
import { Simulator } from "./side/Simulator";
import { Tests } from "./side/Tests";
import { Texts } from "./side/Texts";
import { StepForm } from "./steps/StepForm";
import type { Editing } from "./steps/TextFields";
import { pathOf, Yaml } from "./yaml/editing";
import { type Editor, YamlEditor } from "./yaml/YamlEditor";

const DAYS = 30;

/** Graph and YAML of one flowbook, both live; what can be done with them around. */
export function FlowEditor({ whole, readAnew }: { whole: WholeFlowbook; readAnew: () => void }) {
  const words = useWords();
  const queries = useQueryClient();
  const { id } = whole;
  const params = { path: { flowbook: id } };
  const editor = useRef<Editor>(null);
  const [text, setText] = useState(whole.text);
  const [kept, setKept] = useState({ text: whole.text, serial: whole.draft?.serial ?? 0 });
  const [chosen, setChosen] = useState("");
  const [asked] = useSearchParams();
  const [tab, setTab] = useState<string | null>(asked.get("side") ?? "yaml");
  const [opened, setOpened] = useState<Opened | null>(() => openedOf(asked.get("open") ?? ""));
  const [savedTest, setSavedTest] = useState("");
  const [walk, setWalk] = useState<Walk | null>(null);
  const [counting, setCounting] = useState(false);
  const [publishing, setPublishing] = useState(false);
  const [discarding, setDiscarding] = useState(false);

  const [settled] = useDebouncedValue(text, 350);
  const drawn = useQuery({
    queryKey: ["flow-graph", id, settled],
    queryFn: ({ signal }) => data(api.POST("/api/flowbooks/{flowbook}/graph", { params, body: { text: settled }, signal })),
    placeholderData: keepPreviousData,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const graph = drawn.data;
  const problems = useMemo(() => problemsOf(graph), [graph]);
  const errors = errorsIn(problems);
  const looking = drawn.isFetching || settled !== text;
  const node = graph?.nodes.find((one) => one.id === chosen);
  const yaml = useMemo(() => new Yaml(settled), [settled]);
  const now = useMemo(() => (tab === "queues" ? new Yaml(text) : yaml), [tab, text, yaml]);

  const today = isoDay(new Date());
  const first = isoDay(new Date(Date.now() - DAYS * 86_400_000));
  const counts = useQuery({
    queryKey: ["flow-passages", id, first, today, whole.published?.number],
    queryFn: () => data(api.GET("/api/flowbooks/{flowbook}/passages", { params: { ...params, query: { from: first, to: today } } })),
    enabled: counting,
  });

  const save = useMutation({
    mutationFn: (wanted: string) => data(api.PUT("/api/flowbooks/{flowbook}/draft", { params, body: { text: wanted, seen: kept.serial, base: kept.serial === 0 ? whole.published?.number : undefined } })), // a new draft is based on what was read, not on what is newest
    onSuccess: async ({ draft }, wanted) => {
      setKept({ text: wanted, serial: draft.serial });
      await queries.invalidateQueries({ queryKey: FLOWBOOKS });
    },
  });
  const differs = text !== kept.text;
  const keep = () => differs && save.mutate(text, { onSuccess: () => toast(words.flows.saved) });
  const toPublish = async () => {
    if (differs || kept.serial === 0) await save.mutateAsync(text);
    setPublishing(true);
  };
  const readAll = () => {
    void queries.invalidateQueries({ queryKey: FLOWBOOKS });
    readAnew();
  };

  useUnsaved(differs);

  const show = useCallback((of: string) => editor.current?.show(new Yaml(current.current).range(pathOf(of))), []);
  const current = useRef(text);
  useEffect(() => {
    current.current = text;
  }, [text]);
  const choose = useCallback(
    (of: string) => {
      setChosen(of);
      show(of);
    },
    [show],
  );
  const clicked = (line: number) => {
    const at = nodeAt(graph?.nodes ?? [], line);
    if (at) setChosen(at.id);
  };
  const goTo = (line: number) => {
    setTab("yaml");
    requestAnimationFrame(() => editor.current?.goTo(line));
  };
  const testNames = () => {
    const tests = new Yaml(current.current).get(["tests"]);
    return Array.isArray(tests) ? tests.map((one: { name?: unknown } | null) => String(one?.name ?? "")) : [];
  };
  const saveTest = ({ name, source, value }: RecordedTest) => {
    const change = new Yaml(current.current).itemAtEnd("tests", source, value);
    if (!change) return;
    editor.current?.apply(change);
    setSavedTest(name);
    setTab("tests");
  };
  const editing: Editing = {
    yaml,
    set: (path, value) => {
      const there = new Yaml(current.current);
      if (String(there.get(path) ?? "") === String(value)) return;
      const change = value === "" && path[0] !== "texts" ? there.remove(path) : there.set(path, value);
      if (!change) toast(words.queues.not_written);
      editor.current?.apply(change);
    },
    apply: (change) => editor.current?.apply(change),
  };
  const openQueue = (name: string) => {
    setOpened({ section: "queues", name });
    setTab("queues");
  };

  return (
    <Page
      title={id}
      actions={
        <>
          <Anchor component={Link} href="/flows" size="sm">
            {words.flows.all}
          </Anchor>
          <ActionIcon variant="default" size="lg" aria-label={words.flows.undo} title={words.flows.undo} onClick={() => editor.current?.undo()}>
            <Icon name="undo" />
          </ActionIcon>
          <ActionIcon variant="default" size="lg" aria-label={words.flows.redo} title={words.flows.redo} onClick={() => editor.current?.redo()}>
            <Icon name="redo" />
          </ActionIcon>
          <Button variant="default" size="sm" disabled={!differs} loading={save.isPending} onClick={keep}>
            {words.flows.save}
          </Button>
          <Button size="sm" disabled={errors > 0 || looking || (!differs && kept.serial === 0)} onClick={() => void toPublish().catch(() => {})}>
            {words.flows.publish}
          </Button>
        </>
      }
    >
      <Group gap="xs" role="status">
        {whole.published && <Tag tone="good">{words.flows.served_revision(whole.published.number)}</Tag>}
        {(kept.serial > 0 || differs) && <Tag tone="warn">{differs ? words.flows.unsaved : words.flows.draft}</Tag>}
        {errors > 0 && <Tag tone="bad">{words.flows.errors(errors)}</Tag>}
        {graph && errors === 0 && <Tag tone="good">{words.flows.no_errors}</Tag>}
        {errors > 0 && <Text size="sm">{words.flows.not_published}</Text>}
        {kept.serial > 0 && (
          <Button size="compact-xs" variant="subtle" onClick={() => setDiscarding(true)}>
            {words.flows.discard}
          </Button>
        )}
      </Group>
      {whole.draft?.overtaken && whole.published && <Overtaken id={id} base={whole.draft.base} latest={whole.published.number} serial={kept.serial} text={text} done={readAll} />}
      <Trouble error={save.error} />
      <Trouble error={drawn.error} again={() => drawn.refetch()} />
      <div className={classes.desk}>
        <div className={classes.left}>
          <Group justify="space-between" mih={32}>
            <Switch label={words.flows.count(DAYS)} checked={counting} onChange={(event) => setCounting(event.currentTarget.checked)} />
            {counting && counts.data && <Text size="sm">{words.flows.counted(counts.data.calls)}</Text>}
          </Group>
          <Trouble error={counts.error} again={() => counts.refetch()} />
          <div className={classes.graph}>
            <FlowGraph graph={graph} chosen={chosen} choose={choose} walk={walk} counts={counting && counts.data ? counts.data : null} />
          </div>
          {node && <StepForm key={node.id} node={node} editing={editing} goTo={goTo} openQueue={openQueue} />}
          {!node && <Text c="dimmed" size="sm">{words.flows.choose_step}</Text>}
        </div>
        <Tabs value={tab} onChange={(to) => (setTab(to), setSavedTest(""))} className={classes.right} keepMounted keepMountedMode="display-none">
          <Tabs.List>
            <Tabs.Tab value="yaml">YAML</Tabs.Tab>
            <Tabs.Tab value="texts">{words.flows.texts}</Tabs.Tab>
            <Tabs.Tab value="queues">{words.queues.title}</Tabs.Tab>
            <Tabs.Tab value="simulator">{words.flows.simulator}</Tabs.Tab>
            <Tabs.Tab value="tests">{words.flows.tests}</Tabs.Tab>
            <Tabs.Tab value="revisions">{words.flows.revisions}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="yaml" className={classes.panel}>
            <YamlEditor ref={editor} initial={whole.text} label={words.flows.yaml_of(id)} problems={problems} changed={setText} clicked={clicked} save={keep} />
            <Problems problems={problems} goTo={goTo} />
          </Tabs.Panel>
          <Tabs.Panel value="texts" className={classes.panel}>
            {tab === "texts" && <Texts editing={editing} />}
          </Tabs.Panel>
          <Tabs.Panel value="queues" className={classes.panel}>
            {tab === "queues" && <Queues opened={opened} open={setOpened} editing={{ ...editing, yaml: now }} graph={looking ? undefined : graph} problems={problems} goTo={goTo} />}
          </Tabs.Panel>
          <Tabs.Panel value="simulator" className={classes.panel}>
            <Simulator id={id} text={text} errors={errors} walked={setWalk} tests={testNames} saveTest={saveTest} />
          </Tabs.Panel>
          <Tabs.Panel value="tests" className={classes.panel}>
            {tab === "tests" && <Tests id={id} text={text} errors={errors} goTo={goTo} saved={savedTest} />}
          </Tabs.Panel>
          <Tabs.Panel value="revisions" className={classes.panel}>
            {tab === "revisions" && <Revisions id={id} latest={whole.published?.number ?? 0} rolledBack={readAll} />}
          </Tabs.Panel>
        </Tabs>
      </div>
      {discarding && <Discard id={id} serial={kept.serial} close={() => setDiscarding(false)} done={readAll} />}
      {publishing && <Publish id={id} serial={kept.serial} warnings={problems.length - errors} close={() => setPublishing(false)} done={readAll} />}
    </Page>
  );
}
