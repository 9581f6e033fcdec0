import { Button } from "@mantine/core";
import { type Column, DataTable } from "../../ui/DataTable";
import { Tag } from "../../ui/Tag";
import { WithSkills } from "../../ui/WithSkills";
import { useWords } from "../../words";
import { clock, type Caller, type Wall } from "./wall";

/** Who waits on the line, one by one, in the order in which they are offered. */
export function Waiting({ wall, now, move }: { wall: Wall; now: number; move: (caller: Caller) => void }) {
  const words = useWords();
  const names = new Map(wall.operators.map((one) => [one.id, one.name]));
  const titles = new Map(wall.lines.map((one) => [one.line, one.title]));
  const columns: Column<Caller>[] = [
    { key: "place", title: words.wall.place, names: true, cell: (one) => <WithSkills text={words.wall.place_in(one.place, one.queue)} skills={one.skills} /> },
    { key: "since", title: words.wall.waits, numeric: true, cell: (one) => clock(now - Date.parse(one.since)) },
    { key: "urgency", title: words.wall.urgency, cell: (one) => <Tag tone={one.urgency === "high" ? "bad" : undefined}>{words.wall.urgency_of[one.urgency]}</Tag> },
    { key: "line", title: words.wall.line, cell: (one) => titles.get(one.line) ?? one.line },
    { key: "rings", title: words.wall.rings_at, cell: (one) => (one.rings_at ? (names.get(one.rings_at) ?? one.rings_at) : words.wall.none) },
    {
      key: "move",
      title: words.wall.actions,
      numeric: true,
      cell: (one) => (
        <Button size="xs" variant="default" aria-label={words.wall.move_of(one.place, one.queue)} onClick={() => move(one)}>
          {words.wall.move}
        </Button>
      ),
    },
  ];
  return <DataTable caption={words.wall.callers} columns={columns} rows={wall.waiting} keyOf={(one) => one.call_id} />;
}
