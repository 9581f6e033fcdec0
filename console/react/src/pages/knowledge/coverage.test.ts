import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import type { Row } from "./articles";
import { covered } from "./coverage";

const article = (id: string, spoken: Record<string, string>, served = true) => ({ id, served, content: { id, title: { it: id }, spoken }, draft: null }) as unknown as Row;
const figure = (key: string, calls: number, contained: number): Schemas["RowView"] => ({ key, calls, values: { containment: { value: contained, n: calls } } });

test("articles are shown by how often they are told, those that nobody asked for and those that are gone too", () => {
  const rows = [article("orari", { it: "Alle nove.", en: "At nine." }), article("posti", { it: "In piazza." }), article("bozza", { it: "Forse." }, false)];
  const found = covered(rows, [figure("vecchio", 7, 0.5), figure("orari", 3, 1), figure("", 9, 1)], ["it", "en"], "it");
  expect(found.map(({ id, calls, contained, lacks, gone }) => [id, calls, contained, lacks, gone])).toEqual([
    ["vecchio", 7, 0.5, [], true],
    ["orari", 3, 1, [], false],
    ["posti", 0, null, ["en"], false],
  ]);
});
