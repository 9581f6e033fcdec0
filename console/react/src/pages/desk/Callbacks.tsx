import { Stack, Text, Title } from "@mantine/core";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { CallbackList } from "../callbacks/CallbackList";
import { useCallbacks } from "../callbacks/useCallbacks";

/** Who is to be called back, beside the call. */
export function Callbacks() {
  const w = useWords().callbacks;
  const open = useCallbacks();
  return (
    <Stack className="card" gap="xs" component="section" aria-labelledby="callbacks-title">
      <Title order={2} size="h5" id="callbacks-title">
        {w.to_call} {open.data && open.data.length > 0 && <Tag tone="warn">{open.data.length}</Tag>}
      </Title>
      <Trouble error={open.error} again={() => open.refetch()} />
      {open.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {w.nobody}
        </Text>
      )}
      <CallbackList callbacks={open.data ?? []} label={w.to_call} otherTab />
    </Stack>
  );
}
