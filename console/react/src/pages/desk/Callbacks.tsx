import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";
import { ApiError } from "../../api/errors";
import { PageLink } from "../../ui/PageLink";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { type CallbackDeed, deedsOn } from "./callbacks";
import classes from "./desk.module.css";

const EVERY_MS = 30_000;
const ROUTES = {
  take: "/api/callbacks/{interaction_id}/{seq}/take",
  "give-back": "/api/callbacks/{interaction_id}/{seq}/give-back",
  done: "/api/callbacks/{interaction_id}/{seq}/done",
} as const;

/** Who is to be called back, and who deals with it. */
export function Callbacks() {
  const words = useWords();
  const w = words.desk;
  const queries = useQueryClient();
  const open = useQuery({ queryKey: ["callbacks"], queryFn: () => data(api.GET("/api/callbacks")), refetchInterval: EVERY_MS });
  const doing = useMutation({
    mutationFn: async ({ one, deed }: { one: Schemas["CallbackView"]; deed: CallbackDeed }) => {
      try {
        await data(api.POST(ROUTES[deed], { params: { path: { interaction_id: one.interaction_id, seq: one.seq } } }));
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 409)) throw error; // somebody was faster: the list shows who
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["callbacks"] }),
  });
  const statusOf = (one: Schemas["CallbackView"]) => {
    if (one.mine) return w.mine;
    const { status = "waiting", holder_name = "", tried = 0, outcome = "" } = one;
    const agreed = status === "waiting" && one.due_at ? w.schedule.agreed(words.format.dateTime(one.due_at)) : "";
    const said = agreed || (w.callback_states[status]?.(holder_name) ?? status);
    return tried ? `${said} · ${w.tried(tried, w.tries[outcome] ?? outcome)}` : said;
  };
  return (
    <Stack className="card" gap="xs" component="section" aria-labelledby="callbacks-title">
      <Title order={2} size="h5" id="callbacks-title">
        {w.callbacks} {open.data && open.data.length > 0 && <Tag tone="warn">{open.data.length}</Tag>}
      </Title>
      <Trouble error={open.error ?? doing.error} again={open.error ? () => open.refetch() : undefined} />
      {open.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {w.no_callbacks}
        </Text>
      )}
      <ul className={classes.list} aria-labelledby="callbacks-title">
        {open.data?.map((one) => (
          <li key={`${one.interaction_id} ${one.seq}`}>
            <PageLink href={`/history/calls/${one.interaction_id}`} otherTab fw={600}>
              {one.number || w.withheld}
            </PageLink>
            <Text size="sm" data-status={one.status}>
              {statusOf(one)}
            </Text>
            <Text size="sm" c="dimmed">
              {[words.format.dateTime(one.requested_at), one.queue, w.handoffs[one.reason] ?? one.reason, ...Object.entries(one.slots).map(([name, value]) => `${name}: ${value}`)].filter(Boolean).join(" · ")}
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
    </Stack>
  );
}
