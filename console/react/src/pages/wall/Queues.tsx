import { Group } from "@mantine/core";
import { type Column, DataTable } from "../../ui/DataTable";
import { Tag } from "../../ui/Tag";
import { useWords } from "../../words";
import { clock, type Queue, type Wall } from "./wall";

/** What waits in each queue, and who could take it. */
export function Queues({ wall, now }: { wall: Wall; now: number }) {
  const words = useWords();
  const number = words.format.number;
  const columns: Column<Queue>[] = [
    { key: "queue", title: words.wall.queue, names: true, cell: (one) => one.queue },
    { key: "waiting", title: words.wall.waiting, numeric: true, cell: (one) => number(one.waiting) },
    { key: "longest", title: words.wall.longest, numeric: true, cell: (one) => (one.since ? clock(now - Date.parse(one.since)) : words.wall.none) },
    { key: "urgency", title: words.wall.urgency, cell: (one) => <Urgency one={one} /> },
    { key: "promised", title: words.wall.promised, numeric: true, cell: (one) => number(one.promised) },
    { key: "free", title: words.wall.free, numeric: true, cell: (one) => (one.waiting > 0 && one.free === 0 ? <Tag tone="warn">{words.wall.nobody_free}</Tag> : number(one.free)) },
    { key: "level", title: words.wall.level, numeric: true, cell: (one) => (one.service_level?.value == null ? words.wall.none : words.format.percent(one.service_level.value)) },
  ];
  return <DataTable caption={words.wall.queues} columns={columns} rows={wall.queues} keyOf={(one) => one.queue} />;
}

function Urgency({ one }: { one: Queue }) {
  const words = useWords();
  if (one.waiting === 0) return words.wall.none;
  return (
    <Group gap={6}>
      {one.high > 0 && <Tag tone="bad">{words.wall.urgencies.high(one.high)}</Tag>}
      {one.normal > 0 && <Tag>{words.wall.urgencies.normal(one.normal)}</Tag>}
      {one.low > 0 && <Tag>{words.wall.urgencies.low(one.low)}</Tag>}
    </Group>
  );
}
