import { Button, FileInput, Group, List, Modal, ScrollArea, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "../../api/client";
import { Tag } from "../../ui/Tag";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { ARTICLES, fieldsOf } from "./articles";
import { FORMS } from "./forms";

const MOST_SHOWN = 200;
type Form = (typeof FORMS)[number];

/** A file of questions and answers: looked at first, then made into drafts. */
export function Importing({ close }: { close: () => void }) {
  const words = useWords();
  const w = words.knowledge;
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [form, setForm] = useState<Form | "">("");
  const [language, setLanguage] = useState("");
  const taking = useMutation({
    mutationFn: (keep: boolean) => takeIn(file as File, { keep, language, ...(form && { form }) }),
    onSuccess: async (found) => {
      if (!found.kept) return;
      await queries.invalidateQueries({ queryKey: ARTICLES });
      close();
      toast(w.kept(found.drafts.length));
    },
  });
  const found = taking.data;
  return (
    <Modal opened onClose={close} title={w.import_title} size="xl" closeButtonProps={{ "aria-label": words.frame.close }}>
      <Stack>
        <Text>{w.import_text}</Text>
        <Group align="flex-end">
          <FileInput
            label={w.file}
            placeholder={w.file_choose}
            accept=".csv,.tsv,.txt,.md,.markdown,.json,.jsonld,.html,.htm,.xhtml,.yaml,.yml"
            value={file}
            onChange={(chosen) => {
              setFile(chosen);
              taking.reset();
            }}
            flex="1 1 14rem"
          />
          <Select label={w.form} data={[{ value: "", label: w.form_auto }, ...FORMS.map((one) => ({ value: one, label: w.forms[one] }))]} value={form} onChange={(one) => setForm((one ?? "") as Form | "")} allowDeselect={false} flex="1 1 10rem" />
          <Select label={w.import_language} data={[{ value: "", label: "–" }, ...Object.entries(w.languages).map(([value, label]) => ({ value, label }))]} value={language} onChange={(code) => setLanguage(code ?? "")} allowDeselect={false} flex="1 1 10rem" />
        </Group>
        <Trouble error={taking.error} />
        {found && <Found drafts={found.drafts} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {words.frame.cancel}
          </Button>
          <Button variant={found?.drafts.length ? "default" : "filled"} disabled={!file} loading={taking.isPending && !found} onClick={() => taking.mutate(false)}>
            {w.preview}
          </Button>
          {found && found.drafts.length > 0 && (
            <Button loading={taking.isPending} onClick={() => taking.mutate(true)}>
              {w.keep(found.drafts.length)}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

/** What was found in the file, with what is wrong, what was changed, and what is asked already. */
function Found({ drafts }: { drafts: readonly Schemas["TakenInView"][] }) {
  const words = useWords();
  const w = words.knowledge;
  if (drafts.length === 0) return <Text>{w.nothing_in_file}</Text>;
  return (
    <>
      <Text fw={600} role="status">
        {w.found_count(drafts.length)}
      </Text>
      <ScrollArea.Autosize mah="24rem" type="auto" viewportProps={{ tabIndex: 0, "aria-label": w.preview, role: "region" }}>
        <List listStyleType="none" spacing="md">
          {drafts.slice(0, MOST_SHOWN).map((one) => (
            <List.Item key={`${one.place} ${one.id}`}>
              <Group gap={6}>
                <Text fw={600}>{Object.values(fieldsOf(one.content).phrasings)[0]?.split("\n")[0] ?? one.id}</Text>
                {one.replaces && <Tag tone="warn">{w.replaces}</Tag>}
                {one.alike.map((other) => (
                  <Tag key={other.article} tone="warn">
                    {other.same ? w.same(other.article) : w.alike(other.article, words.format.percent(other.likeness))}
                  </Tag>
                ))}
              </Group>
              <Text size="sm">{Object.values(fieldsOf(one.content).spoken)[0]}</Text>
              {[...one.faults, ...one.notes].map((note) => (
                <Text key={note} size="xs" c={one.faults.includes(note) ? "var(--mantine-color-error)" : "dimmed"} lang="en">
                  {note}
                </Text>
              ))}
            </List.Item>
          ))}
        </List>
      </ScrollArea.Autosize>
      {drafts.length > MOST_SHOWN && <Text c="dimmed">{w.shown(MOST_SHOWN, drafts.length)}</Text>}
    </>
  );
}

/** The body is the file itself, which an OpenAPI document cannot say of a request that has five forms. */
function takeIn(file: File, query: { keep: boolean; language: string; form?: Form }) {
  return data(
    api.POST("/api/articles/import", {
      params: { query: { ...query, name: file.name.slice(-200) } },
      body: file as never,
      bodySerializer: (body) => body as unknown as File,
      headers: { "Content-Type": "application/octet-stream" },
    }),
  );
}
