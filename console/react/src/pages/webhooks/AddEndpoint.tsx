import { Radio, Stack, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { FormDialog } from "../../ui/FormDialog";
import { useWords } from "../../words";
import { ENDPOINTS, KNOWN_TYPES, USUAL_TYPES } from "./webhooks";

/** A new address; made: with its secret, which is shown once. */
export function AddEndpoint({ close, made }: { close: () => void; made: (secret: string) => void }) {
  const words = useWords();
  const queries = useQueryClient();
  const [url, setUrl] = useState("https://");
  const [description, setDescription] = useState("");
  const [types, setTypes] = useState(USUAL_TYPES);
  const [detail, setDetail] = useState<"ids" | "payload">("ids");
  const [sent, setSent] = useState(false);
  const adding = useMutation({
    mutationFn: () => data(api.POST("/api/webhooks", { body: { url, description, types, detail } })),
    onSuccess: async (endpoint) => {
      await queries.invalidateQueries({ queryKey: ENDPOINTS });
      close();
      made(endpoint.secret);
    },
    gcTime: 0,
  });
  const send = () => {
    setSent(true);
    if (types.length > 0) adding.mutate();
  };
  return (
    <FormDialog title={words.webhooks.add} go={words.webhooks.create} send={send} sending={adding.isPending} error={adding.error} close={close} size="lg">
      <TextInput
        label={words.webhooks.url}
        description={words.webhooks.url_help}
        type="url"
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        required
        maxLength={2000}
        data-autofocus
      />
      <TextInput
        label={words.webhooks.description}
        description={words.webhooks.description_help}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        maxLength={255}
      />
      <TagsInput
        label={words.webhooks.types}
        description={words.webhooks.types_help}
        value={types}
        onChange={setTypes}
        data={KNOWN_TYPES}
        maxTags={50}
        error={sent && types.length === 0 ? words.webhooks.types_needed : undefined}
      />
      <Radio.Group label={words.webhooks.detail} value={detail} onChange={(chosen) => setDetail(chosen as "ids" | "payload")}>
        <Stack gap="xs" mt="xs">
          <Radio value="ids" label={words.webhooks.ids} description={words.webhooks.ids_help} />
          <Radio value="payload" label={words.webhooks.payload} description={words.webhooks.payload_help} />
        </Stack>
      </Radio.Group>
    </FormDialog>
  );
}
