import { Anchor, Text } from "@mantine/core";
import { useWords } from "../../words";
import classes from "./FlowEditor.module.css";
import type { Problem } from "./flows";

/** All that the check found, each with the way to its line. */
export function Problems({ problems, goTo }: { problems: readonly Problem[]; goTo: (line: number) => void }) {
  const words = useWords();
  if (problems.length === 0) return null;
  return (
    <ul className={classes.problems} aria-label={words.flows.problems}>
      {problems.map((one) => (
        <li key={`${one.line}:${one.column} ${one.message}`}>
          <Anchor component="button" type="button" size="sm" onClick={() => goTo(one.line)}>
            {words.flows.line(one.line)}
          </Anchor>{" "}
          <Text span size="sm" c={one.severity === "error" ? "var(--mantine-color-error)" : "var(--console-warn)"}>
            {one.severity === "error" ? words.flows.error : words.flows.warning}
          </Text>{" "}
          {one.place && `${one.place}: `}
          {one.message}
        </li>
      ))}
    </ul>
  );
}
