import { Alert, Button, Group, List, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { Sure } from "../../ui/Sure";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import type { Keeping } from "./useKeeping";

interface Props {
  keeping: Keeping;
  changed: boolean;
  /** What is wrong besides what stands at the fields. */
  others: readonly string[];
  children?: ReactNode;
}

/** The end of a form: what is wrong, what is not saved, the button that saves. */
export function KeepBar({ keeping, changed, others, children }: Props) {
  const words = useWords();
  return (
    <Stack gap="sm">
      <Trouble error={keeping.error} />
      {others.length > 0 && (
        <Alert color="red" variant="light" title={words.settings.also_wrong}>
          <List size="sm">
            {others.map((one) => (
              <List.Item key={one} style={{ overflowWrap: "anywhere" }}>
                {one}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Group>
        <Button type="submit" disabled={!changed} loading={keeping.pending}>
          {words.frame.save}
        </Button>
        {changed && <Tag tone="warn">{words.settings.unsaved}</Tag>}
        {children}
      </Group>
      {keeping.restart && (
        <Sure title={words.settings.restart_title} text={words.settings.restart_text(keeping.restart)} go={words.settings.restart_go} act={keeping.afterRestart} close={keeping.no} />
      )}
    </Stack>
  );
}
