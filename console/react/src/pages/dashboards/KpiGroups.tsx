import { Stack, Title } from "@mantine/core";
import { useId } from "react";
import type { Schemas } from "../../api/client";
import { useWords } from "../../words";
import classes from "./dashboards.module.css";
import { type Definition, grouped, type Row } from "./kpis";
import { KpiTile } from "./KpiTile";

interface Props {
  page: Schemas["KpiPage"];
  /** The same of as many days before. */
  earlier?: Row;
  chosen: string;
  choose: (kpi: string) => void;
}

/** All KPIs of the whole time, by what they tell about. */
export function KpiGroups({ page, earlier, chosen, choose }: Props) {
  const words = useWords();
  const now = page.rows[0];
  return (
    <Stack gap="xl">
      {grouped(page.definitions).map(([group, definitions]) => (
        <GroupOf key={group} title={words.dashboards.groups[group]}>
          {definitions.map((kpi: Definition) => (
            <KpiTile key={kpi.name} kpi={kpi} now={now?.values[kpi.name]} earlier={earlier?.values[kpi.name]} chosen={kpi.name === chosen} choose={() => choose(kpi.name)} />
          ))}
        </GroupOf>
      ))}
    </Stack>
  );
}

function GroupOf({ title, children }: { title: string; children: React.ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Title order={2} size="h4" id={id} mb="sm">
        {title}
      </Title>
      <div className={classes.tiles}>{children}</div>
    </section>
  );
}
