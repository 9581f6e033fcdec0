import { Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import { FormDialog } from "../../ui/FormDialog";
import { useWords } from "../../words";
import type { Operator } from "./wall";

/** The notice, which is read each time before somebody listens. */
export function StartListening({ operator, rules, start, close }: { operator: Operator; rules: Schemas["MonitoringView"]; start: (operator: Operator) => Promise<void>; close: () => void }) {
  const words = useWords();
  const starting = useMutation({ mutationFn: () => start(operator), onSuccess: close });
  return (
    <FormDialog title={words.wall.listen_title(operator.name)} go={words.wall.notice_read} send={() => starting.mutate()} sending={starting.isPending} error={starting.error} close={close}>
      <Stack gap="xs">
        <Text>{rules.notice[words.format.language]}</Text>
        <Text size="sm">{words.wall.allowed_by(rules.allowed_by)}</Text>
        <Text size="sm" fw={600}>
          {rules.tells_operator ? words.wall.operator_sees(operator.name) : words.wall.operator_sees_not(operator.name)}
        </Text>
      </Stack>
    </FormDialog>
  );
}
