import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { CopyButton } from "../../ui/CopyButton";
import { useWords } from "../../words";
import classes from "./account.module.css";

/** The codes for paper, shown this once. */
export function Papers({ codes, done }: { codes: string[]; done: () => void }) {
  const words = useWords().account;
  return (
    <Alert variant="light" color="petrol" title={words.papers} role="status">
      <Stack gap="md">
        <Text>{words.papers_text}</Text>
        <ul className={classes.papers} aria-label={words.papers_list}>
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <Group className="not-printed">
          <CopyButton text={codes.join("\n")} />
          <Button variant="default" onClick={() => window.print()}>
            {words.print}
          </Button>
          <Button onClick={done}>{words.papers_done}</Button>
        </Group>
      </Stack>
    </Alert>
  );
}
