import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { FormDialog } from "../../ui/FormDialog";
import { useWords } from "../../words";
import { type Duties, DutiesFields } from "./DutiesFields";
import { type Account, ACCOUNTS, type Link } from "./users";

/** A new account; made: with the link that its owner opens. */
export function AddUser({ accounts, close, made }: { accounts: readonly Account[]; close: () => void; made: (link: Link) => void }) {
  const words = useWords();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [shownAs, setShownAs] = useState("");
  const [duties, setDuties] = useState<Duties>({ roles: ["operator"], queues: [], skills: [] });
  const [sent, setSent] = useState(false);
  const adding = useMutation({
    mutationFn: () => data(api.POST("/api/accounts", { body: { name, display_name: shownAs, ...duties } })),
    onSuccess: async (link) => {
      await queries.invalidateQueries({ queryKey: ACCOUNTS });
      close();
      made(link);
    },
  });
  const send = () => {
    setSent(true);
    if (duties.roles.length > 0) adding.mutate();
  };
  return (
    <FormDialog title={words.users.add} go={words.users.create} send={send} sending={adding.isPending} error={adding.error} close={close} size="lg">
      <TextInput
        label={words.users.name}
        description={words.users.name_help}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        required
        maxLength={40}
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
      />
      <TextInput
        label={words.users.display_name}
        description={words.users.display_name_help}
        value={shownAs}
        onChange={(event) => setShownAs(event.currentTarget.value)}
        maxLength={80}
      />
      <DutiesFields duties={duties} change={setDuties} accounts={accounts} refused={sent} />
    </FormDialog>
  );
}
