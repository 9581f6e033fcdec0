import { Anchor, Stack, Text } from "@mantine/core";
import { useWords } from "../../../words";
import classes from "../side/side.module.css";
import type { Mention } from "./naming";

/** The places that name a queue or a calendar, each with the way to its line. */
export function UsedHere({ mentions, title, goTo }: { mentions: readonly Mention[]; title: string; goTo: (line: number) => void }) {
  const words = useWords();
  if (mentions.length === 0) return null;
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <ul className={classes.list} aria-label={title}>
        {mentions.map((one) => (
          <li key={one.node}>
            <Text size="sm" span>
              {one.node}
            </Text>{" "}
            <Anchor component="button" type="button" size="sm" onClick={() => goTo(one.line)}>
              {words.flows.line(one.line)}
            </Anchor>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
