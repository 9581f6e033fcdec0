import { Button, Group, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { ApiError } from "../../api/errors";
import { PageLink } from "../../ui/PageLink";
import { Trouble } from "../../ui/Trouble";
import { useWords, type Words } from "../../words";
import { type Callback, type CallbackDeed, deedsOn } from "./callbacks";
import classes from "./callbacks.module.css";

const ROUTES = {
  take: "/api/callbacks/{interaction_id}/{seq}/take",
  "give-back": "/api/callbacks/{interaction_id}/{seq}/give-back",
  done: "/api/callbacks/{interaction_id}/{seq}/done",
} as const;

const THE_SERVER = "centralino";

interface Props {
  callbacks: readonly Callback[];
  /** What the list is called. */
  label: string;
  /** For who must not leave the page. */
  otherTab?: boolean;
}

/** People to be called back, who deals with each, and what can be done about it. */
export function CallbackList({ callbacks, label, otherTab = false }: Props) {
  const words = useWords();
  const w = words.callbacks;
  const queries = useQueryClient();
  const doing = useMutation({
    mutationFn: async ({ one, deed }: { one: Callback; deed: CallbackDeed }) => {
      try {
        await data(api.POST(ROUTES[deed], { params: { path: { interaction_id: one.interaction_id, seq: one.seq } } }));
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 409)) throw error; // somebody was faster: the list shows who
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["callbacks"] }),
  });
  return (
    <>
      <Trouble error={doing.error} />
      <ul className={classes.list} aria-label={label}>
        {callbacks.map((one) => (
          <li key={`${one.interaction_id} ${one.seq}`}>
            <PageLink href={`/history/calls/${one.interaction_id}`} otherTab={otherTab} fw={600}>
              {one.number || w.withheld}
            </PageLink>
            <Text size="sm" data-status={one.status}>
              {standing(one, words)}
            </Text>
            <Text size="sm" c="dimmed">
              {[words.format.dateTime(one.requested_at), one.queue, words.desk.handoffs[one.reason] ?? one.reason, ...Object.entries(one.slots).map(([name, value]) => `${name}: ${value}`)].filter(Boolean).join(" · ")}
            </Text>
            <Group gap="xs">
              {deedsOn(one).map((deed) => (
                <Button key={deed} size="compact-sm" variant="default" aria-label={`${w.deeds[deed]}: ${one.number || w.withheld}`} onClick={() => doing.mutate({ one, deed })}>
                  {w.deeds[deed]}
                </Button>
              ))}
            </Group>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Whose it is, and how far it came. */
function standing(one: Callback, words: Words): string {
  const w = words.callbacks;
  const { status = "waiting", holder_name = "", done_at, done_by, done_by_name = "", tried = 0, outcome = "" } = one;
  if (done_at) return w.done_by(done_by === THE_SERVER ? w.the_server : done_by_name, words.format.dateTime(done_at));
  if (one.mine) return w.mine;
  const agreed = status === "waiting" && one.due_at ? words.desk.schedule.agreed(words.format.dateTime(one.due_at)) : "";
  const said = agreed || (w.states[status]?.(holder_name) ?? status);
  return tried ? `${said} · ${w.tried(tried, w.tries[outcome] ?? outcome)}` : said;
}
