import { Button, Grid, Group, Modal, Select, Stack, Tabs, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useLocation } from "wouter";
import { api, data } from "../../api/client";
import { Sure } from "../../ui/Sure";
import { Tag } from "../../ui/Tag";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useUnsaved } from "../../ui/unsaved";
import { useWords } from "../../words";
import { ARTICLES, type Fields, idFor, languagesOf, shownOf, textOf } from "./articles";
import { Difference } from "./Difference";
import { LanguageFields } from "./LanguageFields";
import { PeopleFields } from "./PeopleFields";
import { idOf, Problems } from "./Problems";
import { Publishing } from "./Publishing";
import { useChecks } from "./useChecks";
import { Versions } from "./Versions";

interface Props {
  /** undefined: a new one, which is named after its title. */
  id: string | undefined;
  start: Fields;
  /** Of the draft that was read, 0 for none. */
  serial: number;
  drafted: boolean;
  served: boolean;
}

/** An article's fields with their checks beside them, and what can be done with it. */
export function Editor({ id, start, serial, drafted, served }: Props) {
  const words = useWords();
  const w = words.knowledge;
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [fields, setFields] = useState(start);
  const [ownId, setOwnId] = useState<string | null>(null);
  const [asks, setAsks] = useState<"publish" | "discard" | "compare" | null>(null);
  const known = useQuery({ queryKey: ARTICLES, queryFn: () => data(api.GET("/api/articles")) });
  const lines = useQuery({ queryKey: ["lines"], queryFn: () => data(api.GET("/api/lines")) });
  const name = id ?? ownId ?? idFor(Object.values(fields.title)[0] ?? "");
  const spoken = [...new Set((lines.data ?? []).map((line) => line.language))];
  const [added, setAdded] = useState<string[]>([]);
  const languages = languagesOf(fields, [...spoken, ...added]);
  const [chosen, setChosen] = useState("");
  const shown = languages.includes(chosen) ? chosen : (languages[0] ?? "");
  const changed = textOf(name, fields) !== textOf(id ?? name, start);
  const taken = id === undefined && (known.data ?? []).some((row) => row.id === name);
  const { problems, checking, empty, wrong } = useChecks(name, fields, changed || drafted || served);
  const change = (part: Partial<Fields>) => setFields((before) => ({ ...before, ...part }));

  const latest = useRef(serial);
  const save = async () => {
    const saved = await data(api.PUT("/api/articles/{article}/draft", { params: { path: { article: name } }, body: { text: textOf(name, fields), seen: latest.current } }));
    latest.current = saved.serial;
  };
  const saving = useMutation({
    mutationFn: save,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ARTICLES });
      toast(w.saved);
      if (id === undefined) go(`/knowledge/articles/${name}`, { replace: true });
    },
  });
  const discard = async () => {
    await data(api.DELETE("/api/articles/{article}/draft", { params: { path: { article: name } } }));
    if (!served) go("/knowledge");
    await queries.invalidateQueries({ queryKey: ARTICLES });
    toast(w.discarded);
  };
  useUnsaved(changed);

  const errors = problems?.some((one) => one.severity === "error") ?? true;
  const labelOf = (place: string) => {
    const [field, code] = place.split(".");
    const labels: Record<string, string> = { title: w.title_field, phrasings: w.phrasings_field, spoken: w.spoken, more: w.more, link: w.link, tags: w.tags, owner: w.owner, queue: w.queue, valid_from: w.valid_from, valid_until: w.valid_until, id: w.id };
    return [labels[field ?? ""] ?? field, code].filter(Boolean).join(" · ");
  };
  const reach = (place: string) => {
    const code = place.split(".")[1];
    if (code) setChosen(code);
    requestAnimationFrame(() => document.getElementById(idOf(place))?.focus());
  };
  const others = Object.keys(w.languages).filter((code) => !languages.includes(code));
  const queuesKnown = [...new Set((known.data ?? []).map((row) => shownOf(row).queue))].filter(Boolean).sort();
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 8 }}>
        <Stack>
          <Stack className="card">
            {languages.length > 0 && (
              <Tabs value={shown} onChange={(code) => setChosen(code ?? "")} keepMounted={false}>
                <Group justify="space-between" align="flex-end">
                  <Tabs.List flex="1 1 14rem">
                    {languages.map((code) => (
                      <Tabs.Tab key={code} value={code}>
                        {w.languages[code] ?? code}
                      </Tabs.Tab>
                    ))}
                  </Tabs.List>
                  <Select size="xs" aria-label={w.add_language} placeholder={w.add_language} data={others.map((code) => ({ value: code, label: w.languages[code] ?? code }))} value={null} onChange={(code) => code && (setAdded([...added, code]), setChosen(code))} w="11rem" />
                </Group>
                {languages.map((code) => (
                  <Tabs.Panel key={code} value={code} pt="md">
                    <LanguageFields code={code} fields={fields} change={change} wrong={wrong} />
                  </Tabs.Panel>
                ))}
              </Tabs>
            )}
            {id === undefined && (
              <TextInput label={w.id} description={w.id_help} value={name} onChange={(event) => setOwnId(event.currentTarget.value)} error={taken ? w.id_taken : undefined} maxLength={80} spellCheck={false} autoCapitalize="none" />
            )}
          </Stack>
          <PeopleFields fields={fields} change={change} wrong={wrong} queues={queuesKnown} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4 }}>
        <Stack>
          <Stack className="card" gap="sm">
            <Group gap={6}>
              {served && <Tag tone="good">{w.states.published}</Tag>}
              {drafted && <Tag tone="warn">{w.states.draft}</Tag>}
              {changed && <Tag>{w.unsaved}</Tag>}
            </Group>
            <Trouble error={saving.error} />
            <Group>
              <Button variant="default" loading={saving.isPending} disabled={!changed || taken || !name} onClick={() => saving.mutate()}>
                {w.save}
              </Button>
              <Button disabled={errors || checking || taken || !(changed || drafted)} onClick={() => setAsks("publish")}>
                {w.publish}
              </Button>
            </Group>
            {drafted && (
              <Group gap={4}>
                {served && (
                  <Button size="compact-sm" variant="subtle" onClick={() => setAsks("compare")}>
                    {w.compare_draft}
                  </Button>
                )}
                <Button size="compact-sm" variant="subtle" color="red" c="var(--mantine-color-error)" onClick={() => setAsks("discard")}>
                  {w.discard}
                </Button>
              </Group>
            )}
            {id !== undefined && (
              <Text size="sm" c="dimmed">
                {w.id}: {id}
              </Text>
            )}
          </Stack>
          <Problems problems={problems} checking={checking} empty={empty} labelOf={labelOf} reach={reach} />
          {id !== undefined && <Versions id={id} served={served} />}
        </Stack>
      </Grid.Col>
      {asks === "publish" && (
        <Publishing
          ids={[name]}
          name={fields.title[shown] || name}
          before={changed ? save : undefined}
          close={() => {
            setAsks(null);
            if (id === undefined && latest.current > 0) go(`/knowledge/articles/${name}`, { replace: true });
          }}
        />
      )}
      {asks === "discard" && <Sure title={w.discard_title} text={w.discard_text} go={w.discard} act={discard} close={() => setAsks(null)} harmful />}
      {asks === "compare" && (
        <Modal opened onClose={() => setAsks(null)} title={w.compare_draft} size="xl" closeButtonProps={{ "aria-label": words.frame.close }}>
          <Difference id={name} before="" after="draft" />
        </Modal>
      )}
    </Grid>
  );
}
