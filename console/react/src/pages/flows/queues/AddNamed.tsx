import { TextInput } from "@mantine/core";
import { useState } from "react";
import { FormDialog } from "../../../ui/FormDialog";
import { toast } from "../../../ui/toasts";
import { useWords } from "../../../words";
import type { Editing } from "../steps/TextFields";
import { added, isName, type Section } from "./naming";

interface Props {
  section: Section;
  editing: Editing;
  close: () => void;
  done: (name: string) => void;
}

/** What a new one begins with: a queue as queues usually are, a calendar with office hours. */
const NEW: Record<Section, string> = { queues: "{max_wait: 180s}", calendars: '{tz: Europe/Rome, holidays: IT, week: {mon-fri: ["09:00-18:00"]}}' };

export function AddNamed({ section, editing, close, done }: Props) {
  const w = useWords().queues;
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const taken = editing.yaml.keys([section]).includes(name);
  const wrong = taken ? w.taken : isName(name) ? undefined : w.bad_name;
  const send = () => {
    setTried(true);
    if (wrong) return;
    const change = added(editing.yaml.text, { section, name }, NEW[section]);
    if (!change) return toast(w.not_written);
    editing.apply(change);
    close();
    done(name);
  };
  return (
    <FormDialog title={section === "queues" ? w.add_queue : w.add_calendar} go={w.add} send={send} sending={false} error={null} close={close}>
      <TextInput label={w.name} description={section === "queues" ? w.name_help : w.calendar_name_help} value={name} onChange={(event) => setName(event.currentTarget.value)} error={tried || taken ? wrong : undefined} maxLength={64} spellCheck={false} data-autofocus />
    </FormDialog>
  );
}
