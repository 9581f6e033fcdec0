import { Alert, Anchor, List, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import { api, data } from "../../api/client";
import { may, useMe } from "../../api/me";
import { Page } from "../../ui/Page";
import { Trouble } from "../../ui/Trouble";
import { mayLeave } from "../../ui/unsaved";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { CalendarForm } from "./CalendarForm";
import { Calendars } from "./Calendars";
import { LineForm } from "./LineForm";
import { Lines } from "./Lines";
import { QueuesSection } from "./QueuesSection";
import { RetentionSection } from "./RetentionForm";
import { newLine, SETTINGS, type Settings } from "./settings";

/** Lines, calendars, and how long what is kept: what stands in the company's files, as forms; and the way to the flows'
 * queues. The address says what is open. */
export default function SettingsPage() {
  const words = useWords();
  const w = words.settings;
  const me = useMe();
  const [asked, setAsked] = useSearchParams();
  const section = asked.get("section") ?? "lines";
  const found = useQuery({ queryKey: SETTINGS, queryFn: () => data(api.GET("/api/settings")), refetchOnWindowFocus: false, gcTime: 0 });
  const go = (next: Record<string, string>) => mayLeave() && setAsked(next);
  return (
    <Page title={w.title} lead={w.lead}>
      <Tabs value={section} onChange={(to) => to && go({ section: to })} keepMounted={false} activateTabWithKeyboard={false}>
        <Tabs.List>
          <Tabs.Tab value="lines">{w.lines}</Tabs.Tab>
          <Tabs.Tab value="calendars">{w.calendars}</Tabs.Tab>
          <Tabs.Tab value="queues">{words.queues.queues}</Tabs.Tab>
          {may(me, ["sysadmin"]) && <Tabs.Tab value="retention">{w.retention}</Tabs.Tab>}
        </Tabs.List>
        {(["lines", "calendars"] as const).map((one) => (
          <Tabs.Panel key={one} value={one} pt="lg">
            <Trouble error={found.error} again={() => found.refetch()} />
            {found.isPending && <Waiting height={200} />}
            {found.data && <NotServed settings={found.data} />}
            {found.data && <Section of={one} settings={found.data} chosen={asked.get("open") ?? ""} open={(name) => go(name ? { section, open: name } : { section })} done={() => setAsked({ section })} />}
          </Tabs.Panel>
        ))}
        <Tabs.Panel value="queues" pt="lg">
          <QueuesSection />
        </Tabs.Panel>
        <Tabs.Panel value="retention" pt="lg">
          {may(me, ["sysadmin"]) && <RetentionSection />}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function NotServed({ settings }: { settings: Settings }) {
  const w = useWords().settings;
  if (settings.served) return null;
  return (
    <Alert color="yellow" variant="light" title={w.not_served} mb="lg">
      {w.not_served_text}
      <List size="sm" mt="xs">
        {settings.why.map((one) => (
          <List.Item key={one} style={{ overflowWrap: "anywhere" }}>
            {one}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

interface Opened {
  of: "lines" | "calendars";
  settings: Settings;
  /** A line or a calendar; "+" for a new one, "" for the list. */
  chosen: string;
  open: (name: string) => void;
  /** Back to the list, with nothing left to ask. */
  done: () => void;
}

function Section({ of, settings, chosen, open, done }: Opened) {
  const w = useWords().settings;
  const [first] = settings.lines;
  const line = settings.lines.find((one) => one.id === chosen) ?? (chosen === "+" && first ? newLine(first) : undefined);
  const calendar = chosen === "+" || settings.calendars.some((one) => one.name === chosen);
  if (of === "lines" ? !line : !calendar) return of === "lines" ? <Lines settings={settings} open={open} /> : <Calendars settings={settings} open={open} />;
  return (
    <>
      <Anchor component="button" type="button" size="sm" mb="sm" onClick={() => open("")}>
        ← {of === "lines" ? w.all_lines : w.all_calendars}
      </Anchor>
      {of === "lines" && line && <LineForm key={line.id} settings={settings} line={line} isNew={!line.id} done={done} />}
      {of === "calendars" && <CalendarForm key={chosen} settings={settings} name={chosen === "+" ? "" : chosen} done={done} />}
    </>
  );
}
