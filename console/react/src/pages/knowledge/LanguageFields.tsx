import { Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useWords } from "../../words";
import type { Fields, Texts } from "./articles";
import { HearButton } from "./HearButton";
import { idOf } from "./Problems";

type ByLanguage = "title" | "phrasings" | "spoken" | "more" | "link";

interface Props {
  code: string;
  fields: Fields;
  change: (part: Partial<Fields>) => void;
  /** What is wrong at a place such as "spoken.it". */
  wrong: (place: string) => ReactNode;
}

/** What an article says in one language. */
export function LanguageFields({ code, fields, change, wrong }: Props) {
  const w = useWords().knowledge;
  const of = (name: ByLanguage) => ({
    id: idOf(`${name}.${code}`),
    value: fields[name][code] ?? "",
    error: wrong(`${name}.${code}`) ?? wrong(name),
    onChange: (event: { currentTarget: { value: string } }) => change({ [name]: { ...fields[name], [code]: event.currentTarget.value } as Texts }),
    lang: code,
  });
  const aloud = (name: "spoken" | "more", label: string) => (
    <Group gap="xs" mt={4} justify="space-between">
      <Text size="xs" c="dimmed">
        {w.words(countOf(fields[name][code] ?? ""))}
      </Text>
      <HearButton text={fields[name][code] ?? ""} language={code} what={label} />
    </Group>
  );
  return (
    <Stack>
      <TextInput label={w.title_field} description={w.title_help} maxLength={1000} {...of("title")} />
      <Textarea label={w.phrasings_field} description={w.phrasings_help} autosize minRows={3} maxRows={12} {...of("phrasings")} />
      <div>
        <Textarea label={w.spoken} description={w.spoken_help} autosize minRows={2} maxRows={8} maxLength={1000} {...of("spoken")} />
        {aloud("spoken", w.spoken)}
      </div>
      <div>
        <Textarea label={w.more} description={w.more_help} autosize minRows={2} maxRows={10} maxLength={1000} {...of("more")} />
        {aloud("more", w.more)}
      </div>
      <TextInput type="url" label={w.link} description={w.link_help} maxLength={500} {...of("link")} />
    </Stack>
  );
}

function countOf(said: string): number {
  return said.split(/\s+/).filter(Boolean).length;
}
