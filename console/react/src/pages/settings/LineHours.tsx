import { NativeSelect, Radio, Stack, TextInput } from "@mantine/core";
import { useWords } from "../../words";
import { isNumber, type LineFields, type Settings } from "./settings";

interface Props {
  settings: Settings;
  /** Of the line's flowbook. */
  flows: readonly string[];
  hours: LineFields["hours"];
  change: (hours: LineFields["hours"]) => void;
  at: Record<string, string>;
}

/** When a line is open, and what happens to calls that come when it is not. */
export function LineHours({ settings, flows, hours, change, at }: Props) {
  const w = useWords().settings;
  const calendars = settings.calendars.map((one) => one.name);
  const forwards = hours !== null && hours.forward !== "";
  const choose = (calendar: string) => change(calendar ? { closed: flows[0] ?? "", forward: "", ...hours, calendar } : null);
  const chooseWay = (way: string) => hours && change({ ...hours, closed: way === "flow" ? (flows[0] ?? "") : "", forward: way === "flow" ? "" : "+39" });
  return (
    <Stack className="card">
      <NativeSelect label={w.hours} description={w.hours_help} value={hours?.calendar ?? ""} onChange={(event) => choose(event.currentTarget.value)} error={at.hours} data={[{ value: "", label: w.always_open }, ...calendars]} maw="24rem" />
      {hours && (
        <>
          <Radio.Group label={w.when_closed} value={forwards ? "forward" : "flow"} onChange={chooseWay}>
            <Stack gap="xs" mt="xs">
              <Radio value="flow" label={w.closed_flow} />
              <Radio value="forward" label={w.closed_forward} />
            </Stack>
          </Radio.Group>
          {forwards ? (
            <TextInput label={w.forward} type="tel" value={hours.forward} onChange={(event) => change({ ...hours, forward: event.currentTarget.value.trim() || "+" })} error={at["hours.forward"] || !isNumber(hours.forward) ? w.bad_number : undefined} maw="24rem" />
          ) : (
            <NativeSelect label={w.closed} value={hours.closed} onChange={(event) => change({ ...hours, closed: event.currentTarget.value })} error={at["hours.closed"]} data={[...new Set([...flows, hours.closed])]} maw="24rem" />
          )}
        </>
      )}
    </Stack>
  );
}
