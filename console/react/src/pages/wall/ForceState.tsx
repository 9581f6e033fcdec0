import { Radio, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { FormDialog } from "../../ui/FormDialog";
import { toast } from "../../ui/toasts";
import { useWords } from "../../words";
import type { Operator } from "./wall";

type Wanted = "available" | "away" | "offline";

/** Changes what an operator does, with a reason that they read and the audit log keeps. */
export function ForceState({ operator, close }: { operator: Operator; close: () => void }) {
  const words = useWords();
  const [state, setState] = useState<Wanted>(operator.state === "away" ? "available" : "away");
  const [why, setWhy] = useState("");
  const choices: Wanted[] = operator.by_phone ? ["available", "away"] : ["available", "away", "offline"];
  const forcing = useMutation({
    mutationFn: () => data(api.POST("/api/operators/{name}/state", { params: { path: { name: operator.id } }, body: { state, why: why.trim() } })),
    onSuccess: ({ done }) => {
      close();
      toast(done === "now" ? words.wall.done_now(operator.name) : words.wall.done_after(operator.name));
    },
  });
  return (
    <FormDialog title={words.wall.change_title(operator.name)} go={words.wall.change} send={() => forcing.mutate()} sending={forcing.isPending} error={forcing.error} close={close}>
      <Radio.Group label={words.wall.wanted} value={state} onChange={(chosen) => setState(chosen as Wanted)}>
        <Stack gap="xs" mt="xs">
          {choices.map((one) => (
            <Radio key={one} value={one} label={words.wall.wants[one]} />
          ))}
        </Stack>
      </Radio.Group>
      <TextInput label={words.wall.why} description={words.wall.why_help(operator.name)} value={why} onChange={(event) => setWhy(event.currentTarget.value)} required maxLength={200} data-autofocus />
      <Text size="sm" c="dimmed">
        {words.wall.not_cut_off}
      </Text>
    </FormDialog>
  );
}
