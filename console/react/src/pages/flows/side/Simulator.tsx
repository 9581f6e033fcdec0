import { Button, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { api, data } from "../../../api/client";
import { Facts } from "../../../ui/Facts";
import { Trouble } from "../../../ui/Trouble";
import { useWords } from "../../../words";
import type { Walk } from "../graph/FlowGraph";
import { Aloud } from "./aloud";
import { type RecordedTest, SaveTest } from "./SaveTest";
import { Speak } from "./Speak";
import classes from "./side.module.css";

interface Exchange {
  event: { kind: string; text?: string; key?: string; confidence?: number | null };
  actions: { kind: string; text?: string; language?: string; queue?: string; article?: string; score?: number | null }[];
  way: { node: string }[];
}
interface Standing {
  phase: string;
  step: { node: string };
  slots: Record<string, unknown>;
  counters: { failures: number; budget: number };
  waiting: { name: string } | null;
  outcome: string;
}
interface Reply {
  id: string;
  exchanges: Exchange[];
  state: Standing;
}
type Turn = { user: string; confidence?: number } | { keys: string } | { silent: true } | { hangs_up: true };

interface Props {
  id: string;
  text: string;
  errors: number;
  walked: (walk: Walk | null) => void;
  /** The names that the draft's tests have. */
  tests: () => string[];
  saveTest: (test: RecordedTest) => void;
}

/** A call with the text as it is now, typed or spoken: what the bot answers and why; its way is lit on the graph. */
export function Simulator({ id, text, errors, walked, tests, saveTest }: Props) {
  const words = useWords();
  const [call, setCall] = useState<Reply | null>(null);
  const [said, setSaid] = useState("");
  const log = useRef<HTMLDivElement>(null);
  const aloud = useRef<Aloud | null>(null);
  const [hears, setHears] = useState(false);
  const [unspoken, setUnspoken] = useState<unknown>(null);
  const play = (exchanges: Exchange[]) => {
    const said = exchanges.flatMap((one) => one.actions).filter((one) => one.kind === "Say" && one.text);
    setUnspoken(null);
    aloud.current?.play(said.map(({ text, language }) => ({ text: text ?? "", language: language ?? "" }))).catch(setUnspoken);
  };
  const hear = (wanted: boolean) => {
    aloud.current?.close();
    aloud.current = wanted ? new Aloud(id) : null;
    setHears(wanted);
    if (wanted && call) play(call.exchanges.slice(lastInput(call.exchanges)));
  };
  useEffect(
    () => () => {
      aloud.current?.close();
      aloud.current = null;
    },
    [],
  );
  const take = (reply: Reply, before: Exchange[]) => {
    play(reply.exchanges);
    const all = [...before, ...reply.exchanges];
    setCall({ ...reply, exchanges: all });
    walked({ places: new Set(all.flatMap((one) => one.way.map((place) => place.node))), here: reply.state.phase === "ended" ? "" : reply.state.step.node });
  };
  const begin = useMutation({
    mutationFn: async () => (await data(api.POST("/api/flowbooks/{flowbook}/simulations", { params: { path: { flowbook: id } }, body: { text } }))) as unknown as Reply,
    onSuccess: (reply) => take(reply, []),
  });
  const send = useMutation({
    mutationFn: async ({ turn }: { turn: Turn; open: Reply }) =>
      (await data(api.POST("/api/simulations/{simulation}/inputs", { params: { path: { simulation: call?.id ?? "" } }, body: { turn } }))) as unknown as Reply,
    onSuccess: (reply, { open }) => take(reply, open.exchanges),
  });
  const answer = useMutation({
    mutationFn: async ({ value }: { value: unknown; open: Reply }) =>
      (await data(api.POST("/api/simulations/{simulation}/answer", { params: { path: { simulation: call?.id ?? "" } }, body: { value } }))) as unknown as Reply,
    onSuccess: (reply, { open }) => take(reply, open.exchanges),
  });
  useEffect(() => () => walked(null), [walked]);
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [call]);
  const over = !call || ["ended", "ending", "operator"].includes(call.state.phase);
  const turn = (given: Turn) => call && send.mutate({ turn: given, open: call });
  const say = (event: FormEvent) => {
    event.preventDefault();
    if (!said.trim()) return;
    turn({ user: said });
    setSaid("");
  };
  return (
    <Stack gap="sm" className={classes.side}>
      <Group justify="space-between">
        <Text c="dimmed" size="sm" flex={1}>
          {errors > 0 ? words.flows.simulate_errors : words.flows.simulate_text}
        </Text>
        <Button size="xs" variant={call ? "default" : "filled"} disabled={errors > 0} loading={begin.isPending} onClick={() => begin.mutate()}>
          {call ? words.flows.again : words.flows.simulate}
        </Button>
      </Group>
      <Switch label={words.flows.hear_replies} checked={hears} onChange={(event) => hear(event.currentTarget.checked)} />
      <Trouble error={begin.error ?? send.error ?? answer.error ?? unspoken} />
      {call && (
        <>
          <div className={classes.talk} ref={log} role="log" aria-label={words.flows.talk} tabIndex={0}>
            {call.exchanges.map((one, index) => (
              <Told key={index} exchange={one} />
            ))}
          </div>
          {call.state.waiting && <OtherSystem key={call.exchanges.length} name={call.state.waiting.name} pending={answer.isPending} give={(value) => answer.mutate({ value, open: call })} />}
          {over ? (
            <Text fw={600}>{words.flows.over(call.state.outcome || call.state.phase)}</Text>
          ) : (
            <form onSubmit={say}>
              <Group align="flex-end" wrap="nowrap">
                <TextInput label={words.flows.you_say} value={said} onChange={(event) => setSaid(event.currentTarget.value)} flex={1} disabled={!!call.state.waiting} />
                <Button type="submit" loading={send.isPending}>
                  {words.flows.say}
                </Button>
              </Group>
            </form>
          )}
          {!over && (
            <Group gap="xs">
              <Speak key={call.id} simulation={call.id} disabled={send.isPending || !!call.state.waiting} begins={() => aloud.current?.hush()} heard={turn} />
              <Button size="xs" variant="default" disabled={!/^[0-9*#]+$/.test(said)} onClick={() => (turn({ keys: said }), setSaid(""))}>
                {words.flows.press_keys}
              </Button>
              <Button size="xs" variant="default" onClick={() => turn({ silent: true })}>
                {words.flows.stay_silent}
              </Button>
              <Button size="xs" variant="default" onClick={() => turn({ hangs_up: true })}>
                {words.flows.hang_up}
              </Button>
            </Group>
          )}
          <Facts facts={factsOf(call.state, words.flows.facts)} />
          {!call.state.waiting && <SaveTest key={call.id} simulation={call.id} taken={tests} save={saveTest} />}
        </>
      )}
    </Stack>
  );
}

/** In place of the system that the flow asks: what it answers. */
function OtherSystem({ name, pending, give }: { name: string; pending: boolean; give: (value: unknown) => void }) {
  const words = useWords();
  const [json, setJson] = useState("{}");
  const value = parsed(json);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (value) give(value.of);
      }}
    >
      <Group align="flex-end" wrap="nowrap">
        <TextInput label={words.flows.waits_for(name)} description={words.flows.answer_help} value={json} error={value ? undefined : words.flows.no_json} onChange={(event) => setJson(event.currentTarget.value)} flex={1} />
        <Button type="submit" loading={pending} disabled={!value}>
          {words.flows.answer}
        </Button>
      </Group>
    </form>
  );
}

function parsed(json: string): { of: unknown } | null {
  try {
    return { of: JSON.parse(json) as unknown };
  } catch {
    return null;
  }
}

function Told({ exchange }: { exchange: Exchange }) {
  const words = useWords();
  const { event, actions } = exchange;
  const caller = { CallerSaid: event.text, CallerTyped: event.key, CallerSilent: words.flows.silence, CallEnded: words.flows.hung_up }[event.kind];
  return (
    <>
      {caller && (
        <p className={classes.caller}>
          {caller}
          {event.kind === "CallerSaid" && typeof event.confidence === "number" && <small>{words.flows.confidence(words.format.number(event.confidence, 2))}</small>}
        </p>
      )}
      {actions.filter((one) => one.kind === "Say" && one.text).map((one, index) => (
        <p key={index} className={classes.bot}>
          {one.text}
          {one.article && <small>{words.flows.article(one.article, typeof one.score === "number" ? words.format.number(one.score, 2) : "")}</small>}
        </p>
      ))}
      {actions.filter((one) => one.kind === "Handoff").map((one, index) => (
        <p key={index} className={classes.note}>{words.flows.to_queue(one.queue ?? "")}</p>
      ))}
    </>
  );
}

/** Where the latest of what the caller did begins; 0 for the call's own beginning. */
function lastInput(exchanges: Exchange[]): number {
  return Math.max(0, exchanges.findLastIndex((one) => one.event.kind.startsWith("Caller")));
}

function factsOf(state: Standing, names: { step: string; slots: string; failures: string }): [string, string][] {
  const slots = Object.entries(state.slots).map(([name, value]) => `${name} = ${String(value)}`);
  return [
    [names.step, state.step.node || "–"],
    [names.slots, slots.join(", ") || "–"],
    [names.failures, `${state.counters.failures} / ${state.counters.budget}`],
  ];
}
