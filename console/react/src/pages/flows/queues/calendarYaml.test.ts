import { expect, test } from "vitest";
import type { Calendar } from "../../settings/calendar";
import { changed, Yaml } from "../yaml/editing";
import { atFields, calendarChange, calendarIn, daysIn, keyOf } from "./calendarYaml";

const BOOK = `calendars:
  # of the shop
  office: {tz: Europe/Rome, holidays: IT, week: {mon-fri: ["08:30-12:30", "14:00-17:00"]},
           overrides: [{on: 2026-12-24, hours: ["08:30-12:00"]}]}   # closed on Saturdays
  depot:
    week:
      mon-wed: ["07:00-15:00"]   # early
      "thu, sat":
        - "9:00 - 12:00"   # by appointment
        - "14:00-18:00"
    overrides:
      - on: 2026-08-10   # summer
        until: 2026-08-24
      - {on: 2026-12-31, every_year: true, hours: ["07:00-12:00"]}
queues:
  desk: {}
`;

const read = (name: string, text = BOOK) => calendarIn(new Yaml(text), name) as Calendar;
const made = (name: string, part: Partial<Calendar>, text = BOOK) => changed(text, calendarChange(text, name, { ...read(name, text), ...part }));
/** Lines that are not in both. */
function differs(after: string): string[] {
  const before = BOOK.split("\n");
  const now = after.split("\n");
  return [...before.filter((line) => !now.includes(line)).map((line) => `-${line}`), ...now.filter((line) => !before.includes(line)).map((line) => `+${line}`)];
}

test("days have a key together", () => {
  expect(daysIn("mon-wed, sat")).toEqual(["mon", "tue", "wed", "sat"]);
  expect(keyOf(["sat", "mon", "tue", "wed"])).toBe("mon-wed, sat");
  expect(["", "lun", "fri-mon", "mon-tue-wed"].map(daysIn)).toEqual([null, null, null, null]);
});

test("a calendar is read however it is laid out", () => {
  expect(read("office").week.fri).toEqual(["08:30-12:30", "14:00-17:00"]);
  expect(read("depot")).toMatchObject({ tz: "Europe/Rome", holidays: "", week: { wed: ["07:00-15:00"], thu: ["09:00-12:00", "14:00-18:00"], fri: [], sat: ["09:00-12:00", "14:00-18:00"] } });
  expect(read("depot").overrides).toEqual([{ on: "2026-08-10", until: "2026-08-24", every_year: false, hours: [] }, { on: "2026-12-31", until: null, every_year: true, hours: ["07:00-12:00"] }]);
  for (const odd of ["7", "{}", "{week: {lun: []}}", "{week: {mon: 9-12}}", "{week: {}, overrides: [1]}"]) expect(calendarIn(new Yaml(`calendars: {a: ${odd}}`), "a")).toBeNull();
});

test("what says the same is no change", () => {
  for (const name of ["office", "depot"]) expect(calendarChange(BOOK, name, read(name))).toBeNull();
});

test("a day leaves the days that it shared its hours with", () => {
  const { week } = read("depot");
  const after = made("depot", { week: { ...week, tue: ["08:00-12:00"], sat: [], sun: ["10:00-12:00"] } });
  expect(differs(after)).toEqual([
    '-      mon-wed: ["07:00-15:00"]   # early',
    '-      "thu, sat":',
    '+      "mon, wed": ["07:00-15:00"]   # early',
    "+      thu:",
    '+      tue: ["08:00-12:00"]',
    '+      sun: ["10:00-12:00"]',
  ]);
  expect(after).toContain("# by appointment");
  const office = made("office", { week: { ...read("office").week, fri: ["08:30-12:30"] } });
  expect(office).toContain('week: {mon-thu: ["08:30-12:30", "14:00-17:00"], fri: ["08:30-12:30"]},\n');
  expect(office).toContain("# closed on Saturdays");
});

test("a list that is written line by line stays so", () => {
  const { week } = read("depot");
  const hours = ["09:00-12:00", "15:00-18:00"];
  expect(differs(made("depot", { week: { ...week, thu: hours, sat: hours } }))).toEqual(['-        - "9:00 - 12:00"   # by appointment', '-        - "14:00-18:00"', '+        - "09:00-12:00"', '+        - "15:00-18:00"']);
});

test("special days are changed, added and taken out where they stand", () => {
  const [summer, eve] = read("depot").overrides as [Calendar["overrides"][0], Calendar["overrides"][0]];
  expect(differs(made("depot", { overrides: [{ ...summer, until: "2026-08-31" }, eve] }))).toEqual(["-        until: 2026-08-24", "+        until: 2026-08-31"]);
  expect(differs(made("depot", { overrides: [eve] }))).toEqual(["-      - on: 2026-08-10   # summer", "-        until: 2026-08-24"]);
  const more = { on: "2027-01-06", until: null, every_year: true, hours: [] };
  expect(differs(made("depot", { overrides: [summer, eve, more] }))).toEqual(["+      - {on: 2027-01-06, every_year: true}"]);
  expect(made("office", { overrides: [...read("office").overrides, more] })).toContain('hours: ["08:30-12:00"]}, {on: 2027-01-06, every_year: true}]}   # closed');
  expect(made("office", { overrides: [] })).toContain('"14:00-17:00"]}}   # closed');
  const none = made("office", { overrides: [] });
  expect(read("office", made("office", { overrides: [more] }, none)).overrides).toEqual([more]);
});

test("zone and holidays come and go", () => {
  expect(made("office", { tz: "Europe/Zurich", holidays: "" })).toContain("office: {tz: Europe/Zurich, week:");
  expect(read("depot", made("depot", { tz: "Europe/Zurich", holidays: "IT-BO" }))).toMatchObject({ tz: "Europe/Zurich", holidays: "IT-BO" });
});

test("what the check says of days together stands at each of them", () => {
  expect(atFields({ "week.mon-tue.0": "no span", "overrides.1.on": "no day", tz: "no zone", week: "twice" })).toEqual({
    at: { "week.mon": "no span", "week.tue": "no span", "overrides.1.on": "no day", tz: "no zone" },
    others: ["twice"],
  });
});
