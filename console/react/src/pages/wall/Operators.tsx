import { Button, Group, Stack, Text } from "@mantine/core";
import { type Column, DataTable } from "../../ui/DataTable";
import { Tag } from "../../ui/Tag";
import { WithSkills } from "../../ui/WithSkills";
import { useWords } from "../../words";
import { canBeHeard, clock, type Operator, type State, stateOf, type Wall } from "./wall";

const TONES: Partial<Record<State, "good" | "warn" | "bad">> = { available: "good", offered: "warn", wrap_up: "warn", with_bot: "warn", lost: "bad" };

/** Who works, what they do, why and since when. */
export function Operators({ wall, now, force, listen }: { wall: Wall; now: number; force: (operator: Operator) => void; listen: ((operator: Operator) => void) | null }) {
  const words = useWords();
  const columns: Column<Operator>[] = [
    { key: "name", title: words.wall.operator, names: true, cell: (one) => (one.by_phone ? `${one.name} (${words.wall.by_phone})` : one.name) },
    { key: "state", title: words.wall.state, cell: (one) => <StateOf one={one} /> },
    { key: "since", title: words.wall.since, numeric: true, cell: (one) => clock(now - Date.parse(one.since)) },
    { key: "queues", title: words.wall.queues_and_skills, cell: (one) => <WithSkills text={one.queues.join(", ") || words.wall.all_queues} skills={one.skills} /> },
    {
      key: "force",
      title: words.wall.actions,
      numeric: true,
      cell: (one) => (
        <Group gap="xs" justify="flex-end">
          {listen && canBeHeard(one) && (
            <Button size="xs" variant="default" aria-label={words.wall.listen_to(one.name)} onClick={() => listen(one)}>
              {words.wall.listen}
            </Button>
          )}
          <Button size="xs" variant="default" aria-label={words.wall.change_of(one.name)} onClick={() => force(one)}>
            {words.wall.change}
          </Button>
        </Group>
      ),
    },
  ];
  return <DataTable caption={words.wall.operators} columns={columns} rows={wall.operators} keyOf={(one) => one.id} />;
}

function StateOf({ one }: { one: Operator }) {
  const words = useWords();
  const state = stateOf(one);
  const why = state === "with_bot" ? words.wall.bot_returns : one.why === "unanswered" ? words.wall.unanswered : one.why;
  return (
    <Stack gap={2}>
      <Group gap={6}>
        <Tag tone={TONES[state]}>{words.wall.states[state]}</Tag>
        {one.forced && <Tag tone="warn">{words.wall.afterwards[one.forced]}</Tag>}
      </Group>
      {why && (
        <Text size="sm" c="dimmed">
          {why}
        </Text>
      )}
    </Stack>
  );
}
