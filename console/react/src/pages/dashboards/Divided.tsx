import { NativeSelect, Text } from "@mantine/core";
import { lazy, type RefObject } from "react";
import { type Column, DataTable } from "../../ui/DataTable";
import { useWords } from "../../words";
import { type Asked, csvOf, type Grouping, GROUPINGS, query } from "./asked";
import { type Definition, grouped, inFullTime, keyOf, type Row, saidOf, shown } from "./kpis";
import { Shown } from "./Shown";

const Bars = lazy(() => import("./Bars"));

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
}

/** One KPI by day, line, queue…: a chart, and beside it the same numbers as a table. */
export function Divided({ asked, change, kpi, definitions, rows, titles, place }: Props) {
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
  const points = drawn.map((row) => ({ label: name(row), value: row.values[kpi.name]?.value ?? nothing }));
  return (
    <Shown
      title={title}
      about={said.about}
      definition={`${said.name} = ${said.formula}`}
      csv={csvOf("/api/kpis", query(asked, asked.by))}
      csvHelp={words.dashboards.csv_help}
      place={place}
      choices={
        <>
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
        </>
      }
      picture={
        rows.length > 0 ? (
          <Bars title={title} unit={kpi.unit} inTime={inTime} points={points} />
        ) : (
          <Text>{words.dashboards.empty_rows}</Text>
        )
      }
      table={rows.length > 0 && <DataTable caption={title} columns={columns} rows={rows} keyOf={(row) => row.key} narrow />}
      notes={[drawn.length < full.length && words.dashboards.many(MOST_IN_CHART), OVERLAPPING.includes(asked.by) && words.dashboards.overlapping]}
    />
  );
}
