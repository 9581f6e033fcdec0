import { ActionIcon, Button, Group, Menu, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { Icon } from "../../ui/Icon";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { type Endpoint, ENDPOINTS, shortened } from "./webhooks";

type Act = "try" | "enable" | "disable" | "rotate" | "remove";

/** What may be done with an address; told: a new secret, to be shown once. */
export function EndpointMenu({ endpoint, told }: { endpoint: Endpoint; told: (secret: string) => void }) {
  const words = useWords();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<"rotate" | "remove" | null>(null);
  const doing = useMutation({
    mutationFn: async (act: Act) => {
      const params = { path: { endpoint_id: endpoint.id } };
      if (act === "try") {
        const answer = await data(api.POST("/api/webhooks/{endpoint_id}/test", { params }));
        const why = answer.error || (answer.status ? words.webhooks.status(String(answer.status)) : words.webhooks.no_answer);
        toast(answer.accepted ? words.webhooks.accepted(String(answer.status)) : words.webhooks.refused(why));
      }
      if (act === "enable") await data(api.POST("/api/webhooks/{endpoint_id}/enable", { params }));
      if (act === "disable") await data(api.POST("/api/webhooks/{endpoint_id}/disable", { params }));
      if (act === "rotate") told((await data(api.POST("/api/webhooks/{endpoint_id}/rotate", { params }))).secret);
      if (act === "remove") await data(api.DELETE("/api/webhooks/{endpoint_id}", { params }));
    },
    onSuccess: async () => {
      setAsking(null);
      await queries.invalidateQueries({ queryKey: ENDPOINTS });
    },
  });
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" loading={doing.isPending} aria-label={words.webhooks.actions_of(shortened(endpoint.url))}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => doing.mutate("try")}>{words.webhooks.try}</Menu.Item>
          {endpoint.state === "enabled" ? (
            <Menu.Item onClick={() => doing.mutate("disable")}>{words.webhooks.disable}</Menu.Item>
          ) : (
            <Menu.Item onClick={() => doing.mutate("enable")}>{words.webhooks.enable}</Menu.Item>
          )}
          <Menu.Item onClick={() => setAsking("rotate")}>{words.webhooks.rotate}</Menu.Item>
          <Menu.Item c="var(--mantine-color-error)" onClick={() => setAsking("remove")}>
            {words.webhooks.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {!asking && <Trouble error={doing.error} />}
      {asking && (
        <Modal opened onClose={() => setAsking(null)} title={asking === "rotate" ? words.webhooks.rotate_title : words.webhooks.remove_title} closeButtonProps={{ "aria-label": words.frame.close }}>
          <Stack>
            <Text fw={600} style={{ overflowWrap: "anywhere" }}>
              {endpoint.url}
            </Text>
            <Text>{asking === "rotate" ? words.webhooks.rotate_text : words.webhooks.remove_text}</Text>
            <Trouble error={doing.error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setAsking(null)}>
                {words.frame.cancel}
              </Button>
              <Button color={asking === "remove" ? "red.9" : undefined} loading={doing.isPending} onClick={() => doing.mutate(asking)} data-autofocus>
                {asking === "rotate" ? words.webhooks.rotate : words.webhooks.remove}
              </Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </>
  );
}
