import { Button, Code, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data, type Schemas } from "../../api/client";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import classes from "./account.module.css";

interface Props {
  begun: Schemas["Enrolled"];
  cancel: () => void;
  confirmed: (papers: string[]) => Promise<void>;
}

/** The picture for the phone's app, and the first code that the app shows. */
export function Enrol({ begun, cancel, confirmed }: Props) {
  const words = useWords();
  const [code, setCode] = useState("");
  const confirming = useMutation({
    mutationFn: () => data(api.POST("/api/me/second-factor/confirm", { body: { code } })),
    onSuccess: (answer) => confirmed(answer.recovery_codes),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    confirming.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="md">
        <div>
          <Title order={3} size="h5">
            1. {words.account.scan}
          </Title>
          <Text c="dimmed">{words.account.scan_text}</Text>
        </div>
        {/* A picture of its own document: markup of the answer never becomes part of this one. */}
        <img className={classes.qr} alt={words.account.qr} src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(begun.qr_svg)}`} />
        <Text size="sm">
          {words.account.type} <Code className={classes.secret}>{begun.secret.replace(/(.{4})(?=.)/g, "$1 ")}</Code>
        </Text>
        <Title order={3} size="h5">
          2. {words.account.confirm}
        </Title>
        <TextInput
          label={words.account.code}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          required
          minLength={6}
          maxLength={7}
          inputMode="numeric"
          autoComplete="one-time-code"
          maw="14rem"
        />
        <Trouble error={confirming.error} />
        <Group>
          <Button type="submit" loading={confirming.isPending}>
            {words.account.confirm_go}
          </Button>
          <Button variant="default" onClick={cancel}>
            {words.frame.cancel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
