import { Anchor, Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearchParams } from "wouter";
import { api, data } from "../../api/client";
import { ApiError } from "../../api/errors";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { Trouble } from "../../ui/Trouble";
import { useLanguage, useWords } from "../../words";
import { ARTICLES, type Fields, fieldsOf } from "./articles";
import { Editor } from "./Editor";

/** One article, or a new one: written, checked, heard, published. */
export default function ArticlePage() {
  const words = useWords();
  const { language } = useLanguage();
  const { id } = useParams<{ id?: string }>();
  const [asked] = useSearchParams();
  const article = useQuery({
    queryKey: [...ARTICLES, "one", id],
    queryFn: () => data(api.GET("/api/articles/{article}", { params: { path: { article: id ?? "" } } })),
    enabled: id !== undefined,
    // Somebody writes here: what they wrote must not be replaced while they do.
    refetchOnWindowFocus: false,
  });
  if (article.error instanceof ApiError && article.error.status === 404) {
    return (
      <Page title={words.knowledge.missing}>
        <Empty title={words.knowledge.missing} text={words.home.not_found_text}>
          <Button component={Link} href="/knowledge">
            {words.knowledge.back}
          </Button>
        </Empty>
      </Page>
    );
  }
  const found = article.data;
  const fields = fieldsOf(found?.draft?.content ?? found?.served?.content ?? begun(asked, language));
  const title = id === undefined ? words.knowledge.new_title : (fields.title[language] ?? Object.values(fields.title)[0] ?? id);
  return (
    <Page title={title}>
      <Anchor component={Link} href="/knowledge" size="sm">
        ← {words.knowledge.back}
      </Anchor>
      <Trouble error={article.error} again={() => article.refetch()} />
      {id !== undefined && article.isPending && <Skeleton h={400} radius="md" aria-label={words.frame.loading} />}
      {(id === undefined || found) && (
        // A newer draft, or version, begins a new editing.
        <Editor key={`${id} ${found?.draft?.serial} ${found?.served?.version}`} id={id} start={fields} serial={found?.draft?.serial ?? 0} drafted={!!found?.draft} served={!!found?.served} />
      )}
    </Page>
  );
}

/** A new article may begin with phrasings from the review of unanswered questions. */
function begun(asked: URLSearchParams, language: string): Partial<Record<keyof Fields, unknown>> {
  const phrasings = asked.getAll("phrasing");
  return phrasings.length > 0 ? { phrasings: { [asked.get("language") ?? language]: phrasings } } : {};
}
