import { Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../../api/client";
import { Trouble } from "../../../ui/Trouble";
import { useLanguage } from "../../../words";
import classes from "./side.module.css";

/** What differs between two states of a flowbook, in sentences. */
export function Differences({ id, before, after }: { id: string; before: string; after: string }) {
  const { language, words } = useLanguage();
  const found = useQuery({
    queryKey: ["flow-diff", id, before, after, language],
    queryFn: () => data(api.GET("/api/flowbooks/{flowbook}/diff", { params: { path: { flowbook: id }, query: { before, after, language } } })),
    gcTime: 0,
    staleTime: 0,
  });
  if (found.isPending) return <Skeleton h={60} aria-label={words.frame.loading} />;
  if (found.error) return <Trouble error={found.error} />;
  const { differences, text } = found.data;
  if (differences.length === 0) return <Text c="dimmed">{text.length > 0 ? words.flows.only_layout : words.flows.no_difference}</Text>;
  return (
    <ul className={classes.list} aria-label={words.flows.differences}>
      {differences.map((one) => (
        <li key={`${one.at.join(".")} ${one.what} ${one.words}`}>{one.words}</li>
      ))}
    </ul>
  );
}
