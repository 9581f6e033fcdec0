import { expect, it } from "vitest";
import { en } from "../../words/en";
import { it as italian } from "../../words/it";
import { GROUPS, grouped, inFullTime, keyOf, saidOf, shown } from "./kpis";

const kpi = (name: string) => ({ name, unit: "share", formula: `formula of ${name}` });

it("shows every KPI once, also one that it does not know yet", () => {
  const groups = grouped([kpi("asa"), kpi("calls"), kpi("brand_new")]);
  expect(groups.map(([group, found]) => [group, found.map((one) => one.name)])).toEqual([
    ["bot", ["calls"]], ["queue", ["asa"]], ["satisfaction", ["brand_new"]],
  ]);
  expect(saidOf(en, kpi("brand_new")).formula).toBe("formula of brand_new");
});

it("has words for each KPI of its groups and a group for each that it has words for", () => {
  expect(GROUPS.flatMap(([, names]) => names).sort()).toEqual(Object.keys(italian.kpis).sort());
});

it("writes values by their unit, and a dash where there is nothing to tell", () => {
  expect(shown(en, "share", 0.421)).toBe("42.1%");
  expect(shown(en, "ms", 720)).toBe("0.72 s");
  expect(shown(italian, "count", 12_345)).toBe("12.345");
  expect(shown(italian, "points", -3.25)).toBe("-3,3");
  expect(shown(italian, "share", null)).toBe("–");
  expect(shown(italian, "share", 0)).toBe("0%");
});

it("names what a row is about", () => {
  const titles = new Map([["it", "Libreria, clienti"]]);
  expect(keyOf(italian, "weekday", { key: "1" }, titles)).toBe("lunedì");
  expect(keyOf(italian, "hour", { key: "09" }, titles)).toBe("09:00");
  expect(keyOf(en, "day", { key: "2026-05-04" }, titles)).toBe("May 4");
  expect(keyOf(italian, "line", { key: "it" }, titles)).toBe("Libreria, clienti");
  expect(keyOf(italian, "line", { key: "gone" }, titles)).toBe("gone");
});

it("shows days and hours in which nothing happened, too", () => {
  const rows = [{ key: "2026-02-28", calls: 1, values: {} }];
  const asked = { by: "day" as const, from: "2026-02-27", to: "2026-03-01" };
  expect(inFullTime(rows, asked).map((row) => row.key)).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
  expect(inFullTime([], { ...asked, by: "hour" })).toHaveLength(24);
  expect(inFullTime([{ key: "resi", calls: 1, values: {} }], { ...asked, by: "queue" })).toHaveLength(1);
});
