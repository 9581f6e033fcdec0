import type { Schemas } from "../../api/client";
import { nameOf, type Row, shownOf } from "./articles";

/** An article in a time. */
export interface Covered {
  id: string;
  name: string;
  /** In which it was told. */
  calls: number;
  /** Of these, the share that the bot served alone; null where there were none. */
  contained: number | null;
  /** Languages of the lines in which there is nothing of it to say. */
  lacks: string[];
  /** It is served no more: calls of the time before have it. */
  gone: boolean;
}

/** Every article that is served, or was told: the most told first. figures: KPIs by article. languages: of the lines. */
export function covered(rows: readonly Row[], figures: readonly Schemas["RowView"][], languages: readonly string[], language: string): Covered[] {
  const told = new Map(figures.map((figure) => [figure.key, figure]));
  const served = rows.filter((row) => row.served);
  const there = new Set(served.map((row) => row.id));
  const of = (id: string) => ({ id, calls: told.get(id)?.calls ?? 0, contained: told.get(id)?.values.containment?.value ?? null });
  const found = [
    ...served.map((row) => ({ ...of(row.id), name: nameOf(row, language), lacks: languages.filter((code) => !shownOf(row).spoken[code]?.trim()), gone: false })),
    ...[...told.keys()].filter((id) => id && !there.has(id)).map((id) => ({ ...of(id), name: id, lacks: [], gone: true })),
  ];
  return found.sort((one, other) => other.calls - one.calls || one.name.localeCompare(other.name, language));
}
