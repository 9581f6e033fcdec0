import { Stack, Table, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useWords } from "../../../words";
import { asText, type Editing, languageName, languagesOf, Written } from "../steps/TextFields";
import classes from "./side.module.css";

/** All texts, a column for each language; what is missing says so. */
export function Texts({ editing }: { editing: Editing }) {
  const words = useWords();
  const [wanted, setWanted] = useState("");
  const { yaml, set } = editing;
  const languages = languagesOf(yaml);
  const all = yaml.keys(["texts"]).map((name) => ({ name, said: languages.map((language) => asText(yaml.get(["texts", name, language]))) }));
  const found = all.filter(({ name, said }) => [name, ...said].some((one) => one.toLowerCase().includes(wanted.toLowerCase())));
  return (
    <Stack gap="sm" className={classes.side}>
      <TextInput label={words.flows.find_text} value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />
      {found.length === 0 && <Text c="dimmed">{words.flows.no_text}</Text>}
      <div className={classes.wide} role="region" aria-label={words.flows.texts} tabIndex={0}>
        <Table verticalSpacing={4} miw={languages.length * 180 + 120}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.flows.name}</Table.Th>
              {languages.map((language) => (
                <Table.Th key={language}>{languageName(language, words.format.language)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.map(({ name, said }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" className={classes.name}>{name}</Table.Th>
                {languages.map((language, index) => (
                  <Table.Td key={language}>
                    <Written hidden label={`${name}, ${languageName(language, words.format.language)}`} lang={language} value={said[index] ?? ""} write={(text) => set(["texts", name, language], text)} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Stack>
  );
}
