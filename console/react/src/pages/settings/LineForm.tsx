import { Button, Group, NativeSelect, NumberInput, Radio, SimpleGrid, Stack, TagsInput, Text, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "../../api/client";
import { may, useMe } from "../../api/me";
import { Sure } from "../../ui/Sure";
import { useUnsaved } from "../../ui/unsaved";
import { useWords } from "../../words";
import { HearButton } from "../knowledge/HearButton";
import { KeepBar } from "./KeepBar";
import { LineHours } from "./LineHours";
import { daysOf, fieldsOf, isNumber, type Kept, type Line, type LineFields, problemsOf, same, SETTINGS, type Settings, trialOf } from "./settings";
import { useKeeping } from "./useKeeping";

interface Props {
  settings: Settings;
  line: Line;
  isNew: boolean;
  done: () => void;
}

const FIELDS = ["id", "title", "number", "language", "recognizer", "voice_engine", "voice", "human_number", "words", "hours.closed", "hours.forward", "hours", "recording", "recordings_kept_days"];

/** Everything of a line that is edited here; who writes flows has its words alone. */
export function LineForm({ settings, line, isNew, done }: Props) {
  const words = useWords();
  const w = words.settings;
  const queries = useQueryClient();
  const whole = may(useMe(), ["sysadmin"]);
  const [id, setId] = useState(line.id);
  const [fields, setFields] = useState<LineFields>(() => fieldsOf(line));
  // The file's revision as this form was opened: what was written into it meanwhile is not overwritten.
  const [revision, setRevision] = useState(settings.revision);
  const [removing, setRemoving] = useState(false);
  const [kept, setKept] = useState<LineFields>(() => fieldsOf(line));
  const changed = isNew || !same(fields, kept);
  const params = { path: { line_id: line.id } };
  const put = (restart: boolean): Promise<Kept> => {
    const body = { revision, restart };
    if (isNew) return data(api.POST("/api/settings/lines", { body: { ...body, id, line: fields } }));
    if (whole) return data(api.PUT("/api/settings/lines/{line_id}", { params, body: { ...body, line: fields } }));
    return data(api.PUT("/api/settings/lines/{line_id}/words", { params, body: { ...body, words: fields.words } }));
  };
  const keeping = useKeeping(put, (now) => {
    setRevision(now.revision);
    setKept(fields);
    if (isNew) done();
  });
  const remove = async () => {
    await data(api.DELETE("/api/settings/lines/{line_id}", { params: { ...params, query: { revision } } }));
    await queries.invalidateQueries({ queryKey: SETTINGS });
    done();
  };
  const { at, others } = problemsOf(keeping.error, FIELDS);
  const change = (part: Partial<LineFields>) => setFields((before) => ({ ...before, ...part }));
  const number = (key: "number" | "human_number") => (isNumber(fields[key]) ? at[key] && w.bad_number : w.bad_number);
  useUnsaved(changed && !(isNew && !id));

  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isNumber(fields.number) && isNumber(fields.human_number)) keeping.keep();
  };
  const languages = [...new Set([...line.languages, fields.language])];
  return (
    <form onSubmit={send} aria-label={isNew ? w.add_line : line.title || line.id}>
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h4">
            {isNew ? w.add_line : line.title || line.id}
          </Title>
          {whole && !isNew && settings.lines.length > 1 && (
            <Button size="compact-sm" variant="subtle" color="red" c="var(--mantine-color-error)" onClick={() => setRemoving(true)}>
              {w.remove_line}
            </Button>
          )}
        </Group>
        {whole && (
          <>
            <Stack className="card">
              {isNew && <TextInput label={w.id} description={w.id_help} value={id} onChange={(event) => setId(event.currentTarget.value)} error={at.id} pattern="[a-z0-9_\-]+" required maxLength={64} data-autofocus />}
              <TextInput label={w.title_field} description={w.title_help} value={fields.title} onChange={(event) => change({ title: event.currentTarget.value })} error={at.title} maxLength={255} />
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                <TextInput label={w.number} description={w.number_help} type="tel" value={fields.number} onChange={(event) => change({ number: event.currentTarget.value.trim() })} error={number("number")} />
                <TextInput label={w.human_number} description={w.human_number_help} type="tel" value={fields.human_number} onChange={(event) => change({ human_number: event.currentTarget.value.trim() })} error={number("human_number")} />
              </SimpleGrid>
            </Stack>
            <Stack className="card">
              <Title order={3} size="h5">
                {w.sound}
              </Title>
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                <NativeSelect label={w.language} description={w.language_help} value={fields.language} onChange={(event) => change({ language: event.currentTarget.value })} error={at.language} data={languages.map((code) => ({ value: code, label: words.knowledge.languages[code] ?? code }))} />
                <NativeSelect label={w.recognizer} description={w.recognizer_help} value={fields.recognizer} onChange={(event) => change({ recognizer: event.currentTarget.value })} error={at.recognizer} data={settings.recognizers.map((one) => ({ value: one, label: w.recognizers[one] ?? one }))} />
              </SimpleGrid>
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                <NativeSelect label={w.voice_engine} description={w.voice_engine_help} value={fields.voice_engine} onChange={(event) => change({ voice_engine: event.currentTarget.value })} error={at.voice_engine} data={settings.voice_engines} />
                <TextInput label={w.voice} description={w.voice_help} value={fields.voice} onChange={(event) => change({ voice: event.currentTarget.value })} error={at.voice} maxLength={255} spellCheck={false} />
              </SimpleGrid>
              <Group>
                <HearButton text={trialOf(fields.language, fields.title)} language={fields.language} what={w.voice} voice={{ engine: fields.voice_engine, name: fields.voice }} />
              </Group>
            </Stack>
          </>
        )}
        <Stack className="card">
          <TagsInput label={w.words} description={w.words_help} value={fields.words} onChange={(list) => change({ words: list })} error={at.words} maxTags={500} splitChars={[",", ";"]} clearButtonProps={{ "aria-label": w.clear_words }} />
        </Stack>
        {whole && (
          <>
            <LineHours settings={settings} flows={line.flows} hours={fields.hours} change={(hours) => change({ hours })} at={at} />
            <Stack className="card">
              <Radio.Group label={w.recording} description={w.recording_help} value={fields.recording} onChange={(recording) => change({ recording })} error={at.recording}>
                <Stack gap="xs" mt="xs">
                  <Radio value="off" label={w.recording_off} />
                  <Radio value="after_notice" label={w.recording_on} />
                </Stack>
              </Radio.Group>
              <NumberInput label={w.kept_days} description={w.kept_days_help} value={fields.recordings_kept_days ?? ""} onChange={(value) => change({ recordings_kept_days: daysOf(value) })} error={at.recordings_kept_days} min={1} max={36500} allowDecimal={false} clampBehavior="none" hideControls maw="16rem" />
            </Stack>
            {!isNew && (
              <Text size="sm" c="dimmed">
                {w.in_file(settings.file, line.flowbook, line.more.join(", "))}
              </Text>
            )}
          </>
        )}
        <KeepBar keeping={keeping} changed={changed} others={others} />
      </Stack>
      {removing && <Sure title={w.remove_line} text={w.remove_line_text(line.title || line.id)} go={w.remove_line} act={remove} close={() => setRemoving(false)} harmful />}
    </form>
  );
}
