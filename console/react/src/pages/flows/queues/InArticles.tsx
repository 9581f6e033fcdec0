import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../../api/client";
import { Trouble } from "../../../ui/Trouble";
import { useWords } from "../../../words";
import { ARTICLES } from "../../knowledge/articles";
import type { Opened } from "./naming";

/** Articles that pass callers on to a queue: they are published apart, and a flowbook that leaves them none is refused. */
export function InArticles({ opened: { section, name } }: { opened: Opened }) {
  const w = useWords().queues;
  const articles = useQuery({ queryKey: ARTICLES, queryFn: () => data(api.GET("/api/articles")), enabled: section === "queues" });
  const naming = section === "queues" ? (articles.data ?? []).filter((one) => one.content?.queue === name).map((one) => one.id) : [];
  return (
    <>
      <Trouble error={articles.error} again={() => articles.refetch()} />
      {naming.length > 0 && (
        <Alert color="yellow" variant="light" p="xs">
          {w.in_articles(naming.length, naming.join(", "))}
        </Alert>
      )}
    </>
  );
}
