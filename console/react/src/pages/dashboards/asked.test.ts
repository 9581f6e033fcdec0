import { describe, expect, it } from "vitest";
import { before, csvOf, daysOf, journeysQuery, localDay, moved, query, read, written } from "./asked";

const TODAY = "2026-03-30";
const usual = read(new URLSearchParams(), TODAY);

describe("what a dashboard is asked for", () => {
  it("is the last thirty days by day unless the address says otherwise", () => {
    expect(usual).toMatchObject({ from: "2026-03-01", to: TODAY, period: "month", by: "day", within: 20, kpi: "calls", line: "" });
    expect(read(new URLSearchParams("period=week&by=line&within=30&line=it"), TODAY)).toMatchObject({ from: "2026-03-24", by: "line", within: 30, line: "it" });
  });

  it("takes nothing that does not exist from an address", () => {
    expect(read(new URLSearchParams("period=aeon&by=operator&within=17&view=all&window=400&from=2026-02-30x&to=now"), TODAY)).toEqual(usual);
    expect(read(new URLSearchParams("from=2026-13-01&to=2026-13-02"), TODAY)).toEqual(usual);
  });

  it("comes back from the address it is written to", () => {
    const asked = { ...usual, from: "2026-01-01", to: "2026-01-31", period: "own" as const, by: "queue" as const, within: 60, kpi: "asa", line: "it", view: "journeys" as const, channel: "email", topic: "returns", window: 30, steps: 2 };
    expect(read(written(asked, {}), TODAY)).toEqual(asked);
    expect(written(usual, {}).toString()).toBe("");
    expect(written(asked, { period: "week" }).get("from")).toBeNull();
  });

  it("counts days over the ends of months and of summer time", () => {
    expect(moved("2026-03-01", -1)).toBe("2026-02-28");
    expect(daysOf("2026-03-28", "2026-03-30")).toBe(3);
    expect(before(usual)).toMatchObject({ from: "2026-01-30", to: "2026-02-28" });
    expect(localDay(new Date(2026, 0, 5, 0, 30))).toBe("2026-01-05");
  });

  it("is downloaded as CSV with the same words", () => {
    expect(csvOf("/api/kpis", query(usual, "line"))).toBe("/api/kpis?from=2026-03-01&to=2026-03-30&by=line&line=&within=20&format=csv");
    expect(csvOf("/api/journeys", journeysQuery({ ...usual, topic: "returns" }))).toContain("topic=returns&window=7&steps=1&ends=true&format=csv");
  });
});
