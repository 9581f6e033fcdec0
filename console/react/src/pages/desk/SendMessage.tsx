import { Alert, Button, Modal, NativeSelect, Skeleton, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api, data, type Schemas } from "../../api/client";
import { FormDialog } from "../../ui/FormDialog";
import { Trouble } from "../../ui/Trouble";
import { toast } from "../../ui/toasts";
import { useWords } from "../../words";
import { attempt, type Channel, type Choices, type Draft, freshId, smsLength, textOf } from "./messages";

interface Props {
  callId: string;
  /** What it begins with; without one it is empty. */
  article?: Schemas["SuggestedArticle"];
}

/** Writes to who calls, or called: an SMS or an e-mail, to an address that is known to be theirs. */
export function SendMessage({ callId, article }: Props) {
  const [open, setOpen] = useState(false);
  const w = useWords().desk.message;
  const close = () => setOpen(false);
  return (
    <>
      {article ? (
        <Button size="compact-sm" variant="default" aria-label={`${w.send_it}: ${article.title}`} onClick={() => setOpen(true)}>
          {w.send_it}
        </Button>
      ) : (
        <Button variant="default" onClick={() => setOpen(true)}>
          {w.open}
        </Button>
      )}
      {open && <Dialog callId={callId} {...(article && { article })} close={close} />}
    </>
  );
}

function Dialog({ callId, article, close }: Props & { close: () => void }) {
  const words = useWords();
  const w = words.desk.message;
  const choices = useQuery({
    queryKey: ["message-choices", callId],
    queryFn: () => data(api.GET("/api/interactions/{interaction_id}/message", { params: { path: { interaction_id: callId } } })),
    gcTime: 0, // who it can go to is asked each time
  });
  if (choices.data && choices.data.recipients.some((one) => !one.opted_out)) return <Form callId={callId} choices={choices.data} begin={article ? textOf(article, choices.data.link_text) : ""} close={close} />;
  return (
    <Modal opened onClose={close} title={w.open} closeButtonProps={{ "aria-label": words.frame.close }}>
      <Trouble error={choices.error} again={() => choices.refetch()} />
      {choices.isPending && <Skeleton h={160} radius="md" aria-label={words.frame.loading} />}
      {choices.data && <Nobody choices={choices.data} />}
    </Modal>
  );
}

/** Why nothing can be sent, and where that can be changed. */
function Nobody({ choices }: { choices: Choices }) {
  const w = useWords().desk.message;
  const none = Object.keys(choices.longest).length === 0;
  return (
    <Stack gap="xs">
      <Text>{none ? w.no_gateway : choices.recipients.length > 0 ? w.all_opted_out : w.nobody}</Text>
      {none && (
        <Text size="sm" c="dimmed">
          {w.where_gateway}
        </Text>
      )}
    </Stack>
  );
}

const keyOf = (one: { channel: string; address: string }) => `${one.channel} ${one.address}`;

function Form({ callId, choices, begin, close }: { callId: string; choices: Choices; begin: string; close: () => void }) {
  const words = useWords();
  const w = words.desk.message;
  const queries = useQueryClient();
  const first = choices.recipients.find((one) => !one.opted_out);
  const [to, setTo] = useState(first ? keyOf(first) : "");
  const [subject, setSubject] = useState("");
  const [text, setText] = useState(begin);
  const last = useRef<(Draft & { id: string }) | null>(null);
  const chosen = choices.recipients.find((one) => keyOf(one) === to);
  const channel: Channel = chosen?.channel ?? "sms";
  const sending = useMutation({
    mutationFn: () => {
      last.current = attempt({ channel, to: chosen?.address ?? "", subject: channel === "email" ? subject.trim() : "", text: text.trim() }, last.current, freshId);
      return data(api.POST("/api/interactions/{interaction_id}/message", { params: { path: { interaction_id: callId } }, body: last.current }));
    },
    onSuccess: ({ sent }) => {
      void queries.invalidateQueries({ queryKey: ["call", callId] });
      if (!sent) return;
      close();
      toast(w.sent(chosen?.address ?? ""));
    },
  });
  const failed = sending.data && !sending.data.sent ? sending.data.error : "";
  return (
    <FormDialog title={w.open} go={failed ? w.again : w.go} send={() => sending.mutate()} sending={sending.isPending} error={sending.error} close={close} size="lg">
      <NativeSelect
        label={w.to}
        description={w.to_help}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        data={choices.recipients.map((one) => ({ value: keyOf(one), label: w.recipient(one.channel, one.address, one.opted_out ? w.opted_out : one.called ? w.called : ""), disabled: one.opted_out }))}
      />
      {chosen?.landline && (
        <Alert color="yellow" variant="light" p="xs">
          {w.landline}
        </Alert>
      )}
      <Ready
        key={channel}
        choices={choices}
        channel={channel}
        take={(one) => {
          setText(one.text);
          setSubject(one.subject);
        }}
      />
      {channel === "email" && <TextInput label={w.subject} required maxLength={150} autoComplete="off" value={subject} onChange={(event) => setSubject(event.currentTarget.value)} />}
      <Textarea
        label={w.text}
        description={channel === "sms" ? lengthOf(text, w) : w.email_help}
        required
        autosize
        minRows={3}
        maxRows={12}
        maxLength={choices.longest[channel]}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
      {failed && !sending.isPending && (
        <Alert color="red" role="alert" variant="light" title={w.failed}>
          {w.failed_text(failed)}
        </Alert>
      )}
    </FormDialog>
  );
}

/** The flowbook's own texts; what is chosen can be changed before it is sent. */
function Ready({ choices, channel, take }: { choices: Choices; channel: Channel; take: (one: Choices["texts"][number]) => void }) {
  const w = useWords().desk.message;
  const texts = choices.texts.filter((one) => one.channel === channel);
  const [at, setAt] = useState("");
  if (texts.length === 0) return null;
  return (
    <NativeSelect
      label={w.ready}
      value={at}
      onChange={(event) => {
        const place = event.currentTarget.value;
        const one = texts[Number(place)];
        setAt(place);
        if (place && one) take(one);
      }}
      data={[{ value: "", label: w.own_words }, ...texts.map((one, place) => ({ value: `${place}`, label: one.subject || one.text }))]}
    />
  );
}

function lengthOf(text: string, w: ReturnType<typeof useWords>["desk"]["message"]): string {
  const { parts, odd } = smsLength(text.trim());
  return [w.sms_length([...text.trim()].length, parts), odd && w.odd(odd)].filter(Boolean).join(" ");
}
