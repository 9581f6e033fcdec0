import type { Schemas } from "../../api/client";

export type Calendar = Schemas["CalendarFields"];
export type DayOverride = Schemas["DayOverride"];
export type Day = keyof Calendar["week"];

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const satisfies readonly Day[];

/** Office hours: something to begin with. */
export const NEW_CALENDAR: Calendar = {
  tz: "Europe/Rome",
  holidays: "IT",
  week: { mon: ["09:00-18:00"], tue: ["09:00-18:00"], wed: ["09:00-18:00"], thu: ["09:00-18:00"], fri: ["09:00-18:00"], sat: [], sun: [] },
  overrides: [],
};

/** A calendar as it is edited: hours as one text, so that what is half written stays as it is. */
export interface Written {
  tz: string;
  holidays: string;
  week: Record<Day, string>;
  overrides: { on: string; until: string; every_year: boolean; hours: string }[];
}

export function writtenOf(calendar: Calendar): Written {
  return {
    tz: calendar.tz,
    holidays: calendar.holidays,
    week: byDay((day) => calendar.week[day].join(", ")),
    overrides: calendar.overrides.map((one) => ({ on: one.on, until: one.until ?? "", every_year: one.every_year ?? false, hours: one.hours.join(", ") })),
  };
}

export function calendarOf(written: Written): Calendar {
  return {
    tz: written.tz.trim(),
    holidays: written.holidays.trim().toUpperCase(),
    week: byDay((day) => spansIn(written.week[day])),
    overrides: written.overrides.map((one) => ({ on: one.on, until: one.until || null, every_year: one.every_year, hours: spansIn(one.hours) })),
  };
}

function byDay<T>(of: (day: Day) => T): Record<Day, T> {
  return Object.fromEntries(DAYS.map((day) => [day, of(day)])) as Record<Day, T>;
}

/** "9-13, 15:00-19:30" → ["09:00-13:00", "15:00-19:30"]. What is no span stays as it was written. */
export function spansIn(text: string): string[] {
  return text
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [from, to, ...more] = part.split(/[-–]/).map(clock);
      return from && to && more.length === 0 ? `${from}-${to}` : part;
    });
}

/** "9" → "09:00"; undefined for what is no time of the day. */
function clock(text: string): string | undefined {
  const found = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(text.trim());
  const hours = Number(found?.[1]);
  const minutes = Number(found?.[2] ?? 0);
  if (!found || minutes > 59 || hours * 60 + minutes > 1440) return undefined;
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/** Whether all of it are spans of one day that end after they begin. */
export function areSpans(text: string): boolean {
  return spansIn(text).every((span) => /^\d\d:\d\d-\d\d:\d\d$/.test(span) && span.slice(0, 5) < span.slice(6));
}

/** The fields that are wrong before anything is sent: days by name, special days by their number. */
export function wrongIn(written: Written): string[] {
  const days = DAYS.filter((day) => !areSpans(written.week[day])).map((day) => `week.${day}`);
  const special = written.overrides.flatMap((one, at) => [
    ...(one.on ? [] : [`overrides.${at}.on`]),
    ...(one.until && one.until < one.on ? [`overrides.${at}.until`] : []),
    ...(areSpans(one.hours) ? [] : [`overrides.${at}.hours`]),
  ]);
  return [...days, ...special];
}
