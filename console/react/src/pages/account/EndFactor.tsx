import { PasswordInput, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { FormDialog } from "../../ui/FormDialog";
import { useWords } from "../../words";

/** Ends the second factor: who finds an open screen must not switch it off, so both proofs are asked for. */
export function EndFactor({ close, ended }: { close: () => void; ended: () => Promise<void> }) {
  const words = useWords();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const ending = useMutation({
    mutationFn: () => data(api.POST("/api/me/second-factor/end", { body: { password, code } })),
    onSuccess: ended,
  });
  return (
    <FormDialog title={words.account.end} go={words.account.end_go} send={() => ending.mutate()} sending={ending.isPending} error={ending.error} close={close} harmful>
      <Text>{words.account.end_text}</Text>
      <PasswordInput
        label={words.account.password}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        required
        data-autofocus
        visibilityToggleButtonProps={{ "aria-label": words.account.show_password }}
      />
      <TextInput
        label={words.account.end_code}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        required
        minLength={6}
        maxLength={32}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
      />
    </FormDialog>
  );
}
