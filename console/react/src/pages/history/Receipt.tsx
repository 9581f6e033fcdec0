import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "wouter";
import { CopyButton } from "../../ui/CopyButton";
import { Page } from "../../ui/Page";
import { useWords } from "../../words";
import classes from "./history.module.css";

export type Erased = Record<string, unknown>;

/** What was erased of a person, to be kept: it is in no other place. */
export function Receipt({ receipt }: { receipt: Erased }) {
  const w = useWords().history;
  const text = JSON.stringify(receipt, null, 1);
  return (
    <Page title={w.receipt}>
      <Text role="status">{w.receipt_text}</Text>
      <pre className={`card ${classes.log}`} tabIndex={0} aria-label={w.receipt}>
        {text}
      </pre>
      <Group>
        <CopyButton text={text} />
        <Anchor component={Link} href="/history">
          {w.back}
        </Anchor>
      </Group>
    </Page>
  );
}
