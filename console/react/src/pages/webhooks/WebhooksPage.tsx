import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { type Column, DataTable } from "../../ui/DataTable";
import { Empty } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import { Page } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { AddEndpoint } from "./AddEndpoint";
import { EndpointMenu } from "./EndpointMenu";
import { GivenUp } from "./GivenUp";
import { SecretOnce } from "./SecretOnce";
import { type Endpoint, ENDPOINTS, shortened } from "./webhooks";

/** Other systems that are told what happens, how they do, and what they never got. */
export default function WebhooksPage() {
  const words = useWords();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState("");
  const endpoints = useQuery({ queryKey: ENDPOINTS, queryFn: () => data(api.GET("/api/webhooks")) });
  const found = endpoints.data;
  const add = (
    <Button leftSection={<Icon name="plus" size={18} />} onClick={() => setAdding(true)}>
      {words.webhooks.add}
    </Button>
  );
  const columns: Column<Endpoint>[] = [
    {
      key: "url",
      title: words.webhooks.url,
      names: true,
      cell: (one) => (
        <Stack gap={0}>
          <Text fw={600} title={one.url} style={{ overflowWrap: "anywhere" }}>
            {shortened(one.url)}
          </Text>
          <Text size="sm" c="dimmed">
            {one.description}
          </Text>
        </Stack>
      ),
    },
    { key: "types", title: words.webhooks.types, cell: (one) => one.types.join(", ") },
    { key: "detail", title: words.webhooks.detail, cell: (one) => (one.detail === "ids" ? words.webhooks.ids : words.webhooks.payload) },
    { key: "state", title: words.webhooks.state, cell: (one) => <State endpoint={one} /> },
    { key: "actions", title: words.webhooks.actions, numeric: true, cell: (one) => <EndpointMenu endpoint={one} told={setSecret} /> },
  ];
  return (
    <Page title={words.webhooks.title} lead={words.webhooks.lead} actions={found?.length ? add : undefined}>
      <Trouble error={endpoints.error} again={() => endpoints.refetch()} />
      {endpoints.isPending && <Waiting height={160} />}
      {found?.length === 0 && (
        <Empty title={words.webhooks.empty} text={words.webhooks.empty_text}>
          {add}
        </Empty>
      )}
      {found && found.length > 0 && <DataTable caption={words.webhooks.list} columns={columns} rows={found} keyOf={(one) => one.id} />}
      {found && found.length > 0 && <GivenUp endpoints={found} />}
      {adding && <AddEndpoint close={() => setAdding(false)} made={setSecret} />}
      {secret && <SecretOnce secret={secret} close={() => setSecret("")} />}
    </Page>
  );
}

function State({ endpoint }: { endpoint: Endpoint }) {
  const words = useWords();
  if (endpoint.state !== "enabled") {
    return (
      <Group gap={6} title={endpoint.why}>
        <Tag tone="bad">{words.webhooks.disabled}</Tag>
      </Group>
    );
  }
  if (endpoint.failing_since) return <Tag tone="warn">{words.webhooks.failing(words.format.dateTime(endpoint.failing_since))}</Tag>;
  return <Tag tone="good">{words.webhooks.enabled}</Tag>;
}
