import { Button, Group, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "../../../api/client";
import { Trouble } from "../../../ui/Trouble";
import { useWords } from "../../../words";

/** A simulated call as a test. source: as an item of a flowbook's `tests`, with its dash. */
export interface RecordedTest {
  name: string;
  source: string;
  value: unknown;
}

interface Props {
  simulation: string;
  /** The names that the draft's tests have. */
  taken: () => string[];
  save: (test: RecordedTest) => void;
}

/** Makes a test of the simulated call as far as it has gone. */
export function SaveTest({ simulation, taken, save }: Props) {
  const words = useWords();
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState(false);
  const making = useMutation({
    mutationFn: async (wanted: string) => {
      const made = (await data(api.GET("/api/simulations/{simulation}/test", { params: { path: { simulation }, query: { name: wanted } } }))) as { test: unknown; yaml: string };
      const lines = made.yaml.split("\n").slice(1); // below `tests:`
      return { name: wanted, source: lines.map((line) => line.replace(/^ {2}/, "")).join("\n"), value: made.test };
    },
    onSuccess: save,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    const known = taken().includes(wanted);
    setWrong(known);
    if (wanted && !known) making.mutate(wanted);
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-start" wrap="nowrap">
        <TextInput
          label={words.flows.test_name}
          description={words.flows.test_name_help}
          value={name}
          maxLength={200}
          error={wrong ? words.flows.test_name_taken : undefined}
          onChange={(event) => (setName(event.currentTarget.value), setWrong(false))}
          inputWrapperOrder={["label", "input", "description", "error"]}
          flex={1}
        />
        <Button mt={25} type="submit" variant="default" loading={making.isPending} disabled={!name.trim()}>
          {words.flows.save_test}
        </Button>
      </Group>
      <Trouble error={making.error} />
    </form>
  );
}
