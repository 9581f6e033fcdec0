import { Group, NativeSelect, Stack, Text, Title } from "@mantine/core";
import { lazy, type ReactNode, type RefObject, Suspense } from "react";
import { type Column, DataTable } from "../../ui/DataTable";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { type Asked, type Grouping, GROUPINGS } from "./asked";
import classes from "./dashboards.module.css";
import { type Definition, grouped, inFullTime, keyOf, type Row, saidOf, shown } from "./kpis";

const Chart = lazy(() => import("./Chart"));

const MOST_IN_CHART = 60;
const OVERLAPPING: readonly Grouping[] = ["flow", "article", "queue"];

interface Props {
  asked: Asked;
  change: (wanted: Partial<Asked>) => void;
  kpi: Definition;
  definitions: readonly Definition[];
  rows: readonly Row[];
  titles: ReadonlyMap<string, string>;
  /** Where it is, to be scrolled to. */
  place: RefObject<HTMLDivElement | null>;
  /** What stands beside: the way to take the numbers along. */
  children: ReactNode;
}

/** One KPI by day, line, queue…: a chart, and beside it the same numbers as a table. */
export function Divided({ asked, change, kpi, definitions, rows, titles, place, children }: Props) {
  const words = useWords();
  const said = saidOf(words, kpi);
  const title = words.dashboards.chart_of(said.name, words.dashboards.bys[asked.by]);
  const name = (row: Pick<Row, "key">) => keyOf(words, asked.by, row, titles);
  const columns: Column<Row>[] = [
    { key: "key", title: words.dashboards.bys[asked.by], cell: name, names: true },
    { key: "value", title: said.name, numeric: true, cell: (row) => shown(words, kpi.unit, row.values[kpi.name]?.value) },
    { key: "n", title: words.dashboards.basis, numeric: true, cell: (row) => words.format.number(row.values[kpi.name]?.n ?? 0) },
  ];
  const nothing = kpi.unit === "count" ? 0 : null;
  const inTime = asked.by === "day" || asked.by === "month";
  const full = inFullTime(rows, asked);
  const drawn = inTime ? full : full.slice(0, MOST_IN_CHART);
  return (
    <Stack component="section" gap="md" aria-labelledby="divided" ref={place} className={classes.divided}>
      <Group justify="space-between" align="flex-end">
        <div>
          <Title order={2} size="h4" id="divided">
            {title}
          </Title>
          <Text c="dimmed" maw="40rem">
            {said.about}
          </Text>
        </div>
        <Group align="flex-end">
          <NativeSelect
            label={words.dashboards.kpi}
            value={kpi.name}
            onChange={(event) => change({ kpi: event.currentTarget.value })}
            data={grouped(definitions).map(([group, found]) => ({
              group: words.dashboards.groups[group],
              items: found.map((one) => ({ value: one.name, label: saidOf(words, one).name })),
            }))}
          />
          <NativeSelect
            label={words.dashboards.by}
            value={asked.by}
            onChange={(event) => change({ by: event.currentTarget.value as Grouping })}
            data={GROUPINGS.map((by) => ({ value: by, label: words.dashboards.bys[by] }))}
          />
          {children}
        </Group>
      </Group>
      {rows.length === 0 ? (
        <Text className="card">{words.dashboards.empty_rows}</Text>
      ) : (
        <>
          <div className={classes.beside}>
            <div className="card">
              <Suspense fallback={<Waiting className={classes.chart} />}>
                <Chart
                  title={title}
                  unit={kpi.unit}
                  inTime={inTime}
                  points={drawn.map((row) => ({ label: name(row), value: row.values[kpi.name]?.value ?? nothing }))}
                />
              </Suspense>
            </div>
            <DataTable caption={title} columns={columns} rows={rows} keyOf={(row) => row.key} narrow />
          </div>
          {drawn.length < full.length && <Text size="sm">{words.dashboards.many(MOST_IN_CHART)}</Text>}
          {OVERLAPPING.includes(asked.by) && <Text size="sm">{words.dashboards.overlapping}</Text>}
        </>
      )}
    </Stack>
  );
}
