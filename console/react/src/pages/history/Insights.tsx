import { List, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { useWords, type Words } from "../../words";
import classes from "./history.module.css";

/** What was understood of a call, each part with what it rests on. */
export function Understood({ id }: { id: string }) {
  const words = useWords();
  const w = words.history;
  const found = useQuery({ queryKey: ["analyses", id], queryFn: () => data(api.GET("/api/interactions/{interaction_id}/analyses", { params: { path: { interaction_id: id } } })) });
  if (found.error) return <Trouble error={found.error} again={() => found.refetch()} />;
  if (found.data?.length === 0) return <Text c="dimmed">{w.no_analyses}</Text>;
  return (
    <Stack gap="sm">
      {found.data?.map((one) => (
        <div key={`${one.type} ${one.method}`}>
          <Text size="sm" c="dimmed">
            {w.analysis[one.type] ?? one.type} · {one.method}
          </Text>
          <Text>{saidOf(one.body, words)}</Text>
          <details className={classes.why}>
            <summary>{w.because}</summary>
            <pre className={classes.log} tabIndex={0} aria-label={w.because}>
              {JSON.stringify(one.why, null, 1)}
            </pre>
          </details>
        </div>
      ))}
    </Stack>
  );
}

/** The one thing that an analysis says, whatever its type. */
function saidOf(body: Schemas["AnalysisView"]["body"], { understood }: Words): string {
  const { text, action, topic, urgency, mood } = body as Record<string, unknown>;
  const texts = text !== null && typeof text === "object" ? Object.values(text)[0] : text;
  const said = String(texts ?? topic ?? urgency ?? mood ?? action ?? "");
  const known = typeof topic === "string" ? understood.topics : typeof urgency === "string" ? understood.urgencies : typeof mood === "string" ? understood.moods : {};
  return known[said] ?? (said || "–");
}

/** What the caller was told, agreed to and refused. */
export function Consents({ id }: { id: string }) {
  const words = useWords();
  const w = words.history;
  const found = useQuery({ queryKey: ["consents", id], queryFn: () => data(api.GET("/api/interactions/{interaction_id}/consents", { params: { path: { interaction_id: id } } })) });
  if (found.error) return <Trouble error={found.error} again={() => found.refetch()} />;
  if (found.data?.length === 0) return <Text c="dimmed">{w.no_consents}</Text>;
  return (
    <List listStyleType="none" spacing="xs">
      {found.data?.map((one) => (
        <List.Item key={one.seq}>
          <Tag tone={one.state === "refused" ? "bad" : "good"}>{w.consent_states[one.state] ?? one.state}</Tag> {one.kind} · {words.format.dateTime(one.at)}
          <Text size="sm" c="dimmed">
            {one.told_words}
          </Text>
        </List.Item>
      ))}
    </List>
  );
}
