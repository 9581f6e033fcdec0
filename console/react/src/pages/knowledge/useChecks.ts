import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { useWords } from "../../words";
import { ARTICLES, type Fields, placeAt, textOf } from "./articles";
import type { Placed } from "./Problems";

const PAUSE_MS = 400;

/** What is wrong with an article while it is written: checked by the server in each pause of who writes. */
export function useChecks(name: string, fields: Fields, begun: boolean) {
  const w = useWords().knowledge;
  const text = textOf(name, fields);
  const [settled] = useDebouncedValue(text, PAUSE_MS);
  const empty = !begun || !name;
  const checks = useQuery({
    queryKey: [...ARTICLES, "check", settled],
    queryFn: async () => {
      const article = (JSON.parse(settled) as { id: string }).id;
      const found = await data(api.POST("/api/articles/{article}/check", { params: { path: { article } }, body: { text: settled } }));
      return found.problems.map((one): Placed => ({ ...one, place: placeAt(settled, one.line) }));
    },
    enabled: !empty && settled.includes('"id": "') && !settled.includes('"id": ""'),
    placeholderData: keepPreviousData,
  });
  const wrong = (place: string) => {
    const found = checks.data?.find((one) => one.place === place && one.severity === "error");
    return found && !empty ? (w.rules[found.rule] ?? w.rules.article) : undefined;
  };
  return { problems: checks.data ?? null, checking: !empty && (checks.isFetching || settled !== text), empty, wrong };
}
