import { Button, Group, Modal, Radio, Select, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "../../api/client";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { type Caller, freeFor, type Wall } from "./wall";

type Where = "front" | "queue" | "operator";

/** Puts somebody who waits elsewhere. */
export function MoveCaller({ caller, wall, close }: { caller: Caller; wall: Wall; close: () => void }) {
  const words = useWords();
  const free = freeFor(wall, caller);
  const possible: Record<Where, boolean> = { front: caller.place > 1, queue: caller.queues.length > 0, operator: free.length > 0 };
  const wheres: Where[] = ["front", "queue", "operator"];
  const [to, setTo] = useState<Where | undefined>(wheres.find((one) => possible[one]));
  const [queue, setQueue] = useState(caller.queues[0] ?? "");
  const [operator, setOperator] = useState(free[0]?.id ?? "");
  const moving = useMutation({
    mutationFn: (wanted: Where) =>
      data(
        api.POST("/api/waiting/{call_id}/move", {
          params: { path: { call_id: caller.call_id } },
          body: { to: wanted, name: wanted === "queue" ? queue : wanted === "operator" ? operator : "" },
        }),
      ),
    onSuccess: () => {
      close();
      toast(words.wall.moved);
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (to) moving.mutate(to);
  };
  return (
    <Modal opened onClose={close} title={words.wall.move_title(caller.place, caller.queue)} closeButtonProps={{ "aria-label": words.frame.close }}>
      <form onSubmit={send}>
        <Stack>
          <Radio.Group label={words.wall.where} value={to ?? ""} onChange={(chosen) => setTo(chosen as Where)}>
            <Stack gap="xs" mt="xs">
              {wheres.map((one) => (
                <Radio key={one} value={one} disabled={!possible[one]} label={words.wall.wheres[one]} description={possible[one] ? undefined : words.wall.not_there[one]} />
              ))}
            </Stack>
          </Radio.Group>
          {to === "queue" && <Select label={words.wall.queue} data={caller.queues} value={queue} onChange={(chosen) => setQueue(chosen ?? queue)} allowDeselect={false} />}
          {to === "operator" && (
            <Select label={words.wall.operator} data={free.map((one) => ({ value: one.id, label: one.name }))} value={operator} onChange={(chosen) => setOperator(chosen ?? operator)} allowDeselect={false} />
          )}
          <Text size="sm" c="dimmed">
            {words.wall.move_help}
          </Text>
          <Trouble error={moving.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.frame.cancel}
            </Button>
            <Button type="submit" loading={moving.isPending} disabled={!to}>
              {words.wall.move}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
