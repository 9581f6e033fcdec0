import { Alert, Stack } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useWords } from "../../../words";
import { type Calendar, calendarOf, type Written, writtenOf, wrongIn } from "../../settings/calendar";
import { CalendarFields } from "../../settings/CalendarFields";
import { same } from "../../settings/settings";
import type { Editing } from "../steps/TextFields";
import { atFields, calendarChange, calendarIn } from "./calendarYaml";

interface Props {
  name: string;
  editing: Editing;
  at: Record<string, string>;
}

/** A calendar of the flowbook, in the form that those of the company have. */
export function BookCalendar({ name, editing, at }: Props) {
  const w = useWords().queues;
  const calendar = calendarIn(editing.yaml, name);
  if (!calendar) return <Alert color="yellow" variant="light">{w.only_yaml}</Alert>;
  return <Fields name={name} calendar={calendar} editing={editing} at={at} />;
}

/** What is typed is written once its field was left and nothing is wrong with it. */
function Fields({ name, calendar, editing, at }: Props & { calendar: Calendar }) {
  const w = useWords().queues;
  const [written, setWritten] = useState<Written>(() => writtenOf(calendar));
  const [refused, setRefused] = useState(false);
  const stands = JSON.stringify(calendar);
  const typed = useRef(written);
  typed.current = written;
  useEffect(() => {
    // Somebody wrote into the YAML, or took a change back: that is what the form shows.
    const now = JSON.parse(stands) as Calendar;
    if (!same(calendarOf(typed.current), now)) setWritten(writtenOf(now));
    setRefused(false);
  }, [stands]);
  const write = (wanted: Written) => {
    if (wrongIn(wanted).length > 0 || same(calendarOf(wanted), calendar)) return;
    const change = calendarChange(editing.yaml.text, name, calendarOf(wanted));
    setRefused(change === null);
    editing.apply(change);
  };
  const change = (wanted: Written) => {
    setWritten(wanted);
    const days = (one: Written) => one.overrides.map((each) => each.every_year);
    if (!same(days(wanted), days(written))) write(wanted); // a button or a checkbox: there is nothing to leave
  };
  const told = atFields(at);
  return (
    <Stack onBlur={() => write(written)}>
      <CalendarFields written={written} change={change} at={told.at} />
      {wrongIn(written).length > 0 && <Alert color="yellow" variant="light" p="xs">{w.waits}</Alert>}
      {refused && <Alert color="red" variant="light" p="xs">{w.not_written}</Alert>}
      {told.others.map((one) => (
        <Alert key={one} color="red" variant="light" p="xs">{one}</Alert>
      ))}
    </Stack>
  );
}
