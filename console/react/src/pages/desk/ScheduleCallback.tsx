import { Button, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { FormDialog } from "../../ui/FormDialog";
import { toast } from "../../ui/toasts";
import { useWords } from "../../words";

/** Agrees with the caller on a day and a time at which they are called back, at the number they call from. */
export function ScheduleCallback({ callId, caller }: { callId: string; caller: string }) {
  const [open, setOpen] = useState(false);
  const w = useWords().desk.schedule;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {w.open}
      </Button>
      {open && <Dialog callId={callId} caller={caller} close={() => setOpen(false)} />}
    </>
  );
}

function Dialog({ callId, caller, close }: { callId: string; caller: string; close: () => void }) {
  const words = useWords();
  const w = words.desk.schedule;
  const queries = useQueryClient();
  const [at, setAt] = useState("");
  const scheduling = useMutation({
    mutationFn: () => data(api.POST("/api/interactions/{interaction_id}/callback", { params: { path: { interaction_id: callId } }, body: { at: new Date(at).toISOString() } })),
    onSuccess: (made) => {
      close();
      toast(w.made(words.format.dateTime(made.at), made.dials));
      void queries.invalidateQueries({ queryKey: ["callbacks"] });
    },
  });
  return (
    <FormDialog title={w.open} go={w.go} send={() => scheduling.mutate()} sending={scheduling.isPending} error={scheduling.error} close={close}>
      <Text>{w.whom(caller)}</Text>
      <TextInput type="datetime-local" label={w.when} description={w.when_help} required value={at} onChange={(event) => setAt(event.currentTarget.value)} data-autofocus />
    </FormDialog>
  );
}
