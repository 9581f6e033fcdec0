import { Button, Group, Modal, SegmentedControl, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { api, data } from "../../api/client";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useLanguage, useWords } from "../../words";
import { linesOf, nameOf, type Row } from "./articles";
import { HearButton } from "./HearButton";
import type { Unanswered } from "./ReviewList";

interface Props {
  matter: Unanswered;
  days: number;
  articles: readonly Row[];
  close: () => void;
  done: () => Promise<void>;
}

/** Another answer than the suggested one: phrasings for an article of one's choice, or a new article. */
export function Fix({ matter, days, articles, close, done }: Props) {
  const words = useWords();
  const w = words.knowledge;
  const { language } = useLanguage();
  const { suggestion } = matter;
  const [way, setWay] = useState(suggestion.kind);
  const [article, setArticle] = useState<string | null>(suggestion.kind === "phrasings" ? suggestion.article : null);
  const [phrasings, setPhrasings] = useState((suggestion.phrasings.length ? suggestion.phrasings : matter.questions.map((one) => one.text).slice(0, 5)).join("\n"));
  const [title, setTitle] = useState("");
  const [spoken, setSpoken] = useState(suggestion.kind === "article" ? suggestion.spoken : "");
  const fixing = useMutation({
    mutationFn: () => {
      const changes = way === "phrasings" ? { article: article ?? "" } : { title, spoken };
      return data(api.POST("/api/review/{matter}/approve", { params: { path: { matter: matter.id }, query: { days } }, body: { ...changes, phrasings: linesOf(phrasings) } }));
    },
    onSuccess: async (made) => {
      close();
      toast(w.answered(made.article));
      await done();
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    fixing.mutate();
  };
  const elsewhere = way === "article" && suggestion.kind === "phrasings";
  const asked = new URLSearchParams([["language", matter.language], ...linesOf(phrasings).map((one) => ["phrasing", one])]);
  return (
    <Modal opened onClose={close} title={w.fix_title} size="lg" closeButtonProps={{ "aria-label": words.frame.close }}>
      <form onSubmit={send}>
        <Stack>
          <Text fw={600} lang={matter.language}>{`«${suggestion.test}»`}</Text>
          <SegmentedControl
            fullWidth
            value={way}
            onChange={(chosen) => setWay(chosen as typeof way)}
            data={[
              { value: "phrasings", label: w.as_phrasing },
              { value: "article", label: w.as_article },
            ]}
          />
          {way === "phrasings" && (
            <Select label={w.which_article} searchable required data={articles.filter((row) => row.served).map((row) => ({ value: row.id, label: nameOf(row, language) }))} value={article} onChange={setArticle} />
          )}
          <Textarea label={w.phrasings_field} description={w.phrasings_help} required autosize minRows={2} maxRows={8} value={phrasings} onChange={(event) => setPhrasings(event.currentTarget.value)} lang={matter.language} />
          {elsewhere && <Text size="sm">{w.open_editor_text}</Text>}
          {way === "article" && !elsewhere && (
            <>
              <TextInput label={w.title_field} description={w.title_help} value={title} onChange={(event) => setTitle(event.currentTarget.value)} maxLength={300} lang={matter.language} />
              <div>
                <Textarea label={w.spoken} description={w.spoken_help} required autosize minRows={2} value={spoken} onChange={(event) => setSpoken(event.currentTarget.value)} maxLength={1000} lang={matter.language} />
                <HearButton text={spoken} language={matter.language} what={w.spoken} />
              </div>
            </>
          )}
          <Trouble error={fixing.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.frame.cancel}
            </Button>
            {elsewhere ? (
              <Button component={Link} href={`/knowledge/new?${asked}`}>
                {w.open_editor}
              </Button>
            ) : (
              <Button type="submit" loading={fixing.isPending}>
                {w.approve}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
