import { Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { ARTICLES } from "./articles";
import classes from "./Difference.module.css";

/** What differs between two states of an article ("" what is served, "draft", a number), line by line. */
export function Difference({ id, before, after }: { id: string; before: string; after: string }) {
  const w = useWords().knowledge;
  const differs = useQuery({
    queryKey: [...ARTICLES, "diff", id, before, after],
    queryFn: () => data(api.GET("/api/articles/{article}/diff", { params: { path: { article: id }, query: { before, after } }, parseAs: "text" })),
    staleTime: 0,
  });
  if (differs.error) return <Trouble error={differs.error} again={() => differs.refetch()} />;
  if (differs.data === undefined) return <Skeleton h={120} />;
  const lines = differs.data.split("\n").filter((line) => line && !/^(---|\+\+\+|@@)/.test(line));
  if (lines.length === 0) return <Text>{w.no_difference}</Text>;
  return (
    <pre className={classes.lines}>
      {lines.map((line, number) => (
        <Line key={number} line={line} added={w.added} removed={w.removed} />
      ))}
    </pre>
  );
}

function Line({ line, added, removed }: { line: string; added: string; removed: string }) {
  const text = line.slice(1);
  if (line.startsWith("+")) return <ins className={classes.added} aria-label={`${added}: ${text}`}>{`+ ${text}\n`}</ins>;
  if (line.startsWith("-")) return <del className={classes.removed} aria-label={`${removed}: ${text}`}>{`− ${text}\n`}</del>;
  return <span>{`  ${text}\n`}</span>;
}
