import { Group, NativeSelect, TextInput } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { useWords } from "../../words";
import { type Asked, type Period, WITHIN_S } from "./asked";

interface Props {
  asked: Asked;
  change: (wanted: Partial<Asked>) => void;
  lines: readonly Schemas["LineView"][];
  today: string;
  /** Whether the time ends after it begins. */
  sound: boolean;
}

/** Which time, which line, and the seconds of the service level. */
export function Filters({ asked, change, lines, today, sound }: Props) {
  const words = useWords().dashboards;
  const periods: Period[] = ["today", "week", "month", "quarter", "own"];
  return (
    <Group className="card" align="flex-end" gap="lg">
      <NativeSelect
        label={words.period}
        value={asked.period}
        onChange={(event) => change({ period: event.currentTarget.value as Period })}
        data={periods.map((period) => ({ value: period, label: words.periods[period] }))}
      />
      {asked.period === "own" && (
        <Group gap="xs" align="flex-start">
          <TextInput type="date" label={words.from} value={asked.from} max={today} required onChange={(event) => event.currentTarget.value && change({ from: event.currentTarget.value })} />
          <TextInput type="date" label={words.to} value={asked.to} required error={sound ? undefined : words.bad_period} onChange={(event) => event.currentTarget.value && change({ to: event.currentTarget.value })} />
        </Group>
      )}
      <NativeSelect
        label={words.line}
        value={asked.line}
        onChange={(event) => change({ line: event.currentTarget.value })}
        data={[{ value: "", label: words.all_lines }, ...lines.map((line) => ({ value: line.id, label: line.title }))]}
      />
      {asked.view === "figures" && (
        <NativeSelect
          label={words.within}
          value={String(asked.within)}
          onChange={(event) => change({ within: Number(event.currentTarget.value) })}
          data={WITHIN_S.map((seconds) => ({ value: String(seconds), label: words.seconds(seconds) }))}
        />
      )}
    </Group>
  );
}
