import { Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { FormDialog } from "../../ui/FormDialog";
import { toast } from "../../ui/toasts";
import { useWords } from "../../words";
import { type Duties, DutiesFields } from "./DutiesFields";
import { type Account, ACCOUNTS } from "./users";

/** What an account may do, and which calls it answers. */
export function EditDuties({ account, accounts, close }: { account: Account; accounts: readonly Account[]; close: () => void }) {
  const words = useWords();
  const queries = useQueryClient();
  const [duties, setDuties] = useState<Duties>({ roles: account.roles, queues: account.queues, skills: account.skills });
  const [sent, setSent] = useState(false);
  const saving = useMutation({
    mutationFn: () => data(api.PUT("/api/accounts/{name}/duties", { params: { path: { name: account.name } }, body: duties })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ACCOUNTS });
      await queries.invalidateQueries({ queryKey: ["me"] });
      close();
      toast(words.users.saved(account.display_name));
    },
  });
  const send = () => {
    setSent(true);
    if (duties.roles.length > 0) saving.mutate();
  };
  return (
    <FormDialog title={words.users.edit_title(account.display_name)} go={words.frame.save} send={send} sending={saving.isPending} error={saving.error} close={close} size="lg">
      <DutiesFields duties={duties} change={setDuties} accounts={accounts} refused={sent} />
      <Text size="sm" c="dimmed">
        {account.elsewhere ? words.users.elsewhere_note : words.users.edit_note}
      </Text>
    </FormDialog>
  );
}
