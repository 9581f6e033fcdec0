import { expect, it } from "vitest";
import { areSpans, calendarOf, NEW_CALENDAR, spansIn, wrongIn, writtenOf } from "./calendar";

it("reads hours as people write them", () => {
  expect(spansIn("9-13, 15:00 - 19.30")).toEqual(["09:00-13:00", "15:00-19:30"]);
  expect(spansIn(" ; ")).toEqual([]);
  expect(spansIn("0:00–24")).toEqual(["00:00-24:00"]);
});

it("leaves what is no span as it is, to be told", () => {
  expect(spansIn("mattina, 25-26, 9-13-15")).toEqual(["mattina", "25-26", "9-13-15"]);
  expect(["mattina", "13-9", "9:75-10", "9-13 15-19"].some(areSpans)).toBe(false);
  expect(["", "9-13", "9-13, 15-19:30"].every(areSpans)).toBe(true);
});

it("gives back the calendar that it began with", () => {
  const calendar = { ...NEW_CALENDAR, overrides: [{ on: "2026-08-10", until: "2026-08-24", every_year: true, hours: [] }, { on: "2026-12-24", until: null, every_year: false, hours: ["09:00-12:00"] }] };
  expect(calendarOf(writtenOf(calendar))).toEqual(calendar);
});

it("names what is wrong before it is sent", () => {
  const written = writtenOf(NEW_CALENDAR);
  expect(wrongIn(written)).toEqual([]);
  const overrides = [{ on: "", until: "", every_year: false, hours: "" }, { on: "2026-08-24", until: "2026-08-10", every_year: false, hours: "tardi" }];
  expect(wrongIn({ ...written, week: { ...written.week, sat: "9" }, overrides })).toEqual(["week.sat", "overrides.0.on", "overrides.1.until", "overrides.1.hours"]);
});
