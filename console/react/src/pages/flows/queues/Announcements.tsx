import { Fieldset, Stack, Text, Title } from "@mantine/core";
import { useWords } from "../../../words";
import { asText, type Editing, languageName, languagesOf, Written } from "../steps/TextFields";

/** What those who wait hear, whichever queue it is. */
export function Announcements({ editing }: { editing: Editing }) {
  const words = useWords();
  const w = words.queues;
  const { yaml, apply } = editing;
  const languages = languagesOf(yaml);
  const said = (name: string, language: string) => asText(yaml.get(["texts", name, language]));
  const write = (name: string, language: string, text: string) => {
    const all = languages.map((one) => (one === language ? text : said(name, one)));
    if (all.every((one) => one === "")) return apply(yaml.remove(["texts", name])); // one without any words is not made
    apply(text === "" ? yaml.remove(["texts", name, language]) : yaml.set(["texts", name, language], text));
  };
  return (
    <Stack component="section" aria-labelledby="announcements" gap="sm">
      <Title order={2} size="h4" id="announcements">
        {w.announcements}
      </Title>
      <Text size="sm" c="dimmed">
        {w.announcements_about}
      </Text>
      {Object.entries(w.texts).map(([name, what]) => (
        <Fieldset key={name} legend={name} variant="filled" p="xs">
          <Stack gap="xs">
            <Text size="sm">{what}</Text>
            {languages.map((language) => (
              <Written key={language} label={languageName(language, words.format.language)} lang={language} value={said(name, language)} write={(text) => write(name, language, text)} />
            ))}
          </Stack>
        </Fieldset>
      ))}
    </Stack>
  );
}
