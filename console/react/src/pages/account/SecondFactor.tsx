import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { Tag } from "../../ui/Tag";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { EndFactor } from "./EndFactor";
import { Enrol } from "./Enrol";
import { Papers } from "./Papers";

const FACTOR = ["second-factor"];
const FEW = 3;

/** The reader's second factor: turned on with a code of the phone, with ten codes for paper; ended with both proofs. */
export function SecondFactor() {
  const words = useWords().account;
  const queries = useQueryClient();
  const [papers, setPapers] = useState<string[] | null>(null);
  const [ending, setEnding] = useState(false);
  const state = useQuery({ queryKey: FACTOR, queryFn: () => data(api.GET("/api/me/second-factor")) });
  const beginning = useMutation({ mutationFn: () => data(api.POST("/api/me/second-factor/begin")), gcTime: 0 });
  const changed = async () => {
    await queries.invalidateQueries({ queryKey: FACTOR });
    await queries.invalidateQueries({ queryKey: ["me"] });
  };
  return (
    <Stack component="section" className="card" gap="sm" aria-labelledby="factor">
      <Group justify="space-between">
        <Title order={2} size="h4" id="factor">
          {words.factor}
        </Title>
        {state.data && (
          <Tag tone={state.data.on ? "good" : "quiet"}>{state.data.on ? words.on : words.off}</Tag>
        )}
      </Group>
      <Trouble error={state.error} again={() => state.refetch()} />
      {state.isPending && <Waiting height={48} />}
      {papers && (
        <Papers
          codes={papers}
          done={() => {
            setPapers(null);
            toast(words.turned_on);
          }}
        />
      )}
      {!papers && state.data?.on === false && !beginning.data && (
        <>
          <Text>{words.off_text}</Text>
          <Trouble error={beginning.error} />
          <Group>
            <Button onClick={() => beginning.mutate()} loading={beginning.isPending}>
              {words.begin}
            </Button>
          </Group>
        </>
      )}
      {!papers && beginning.data && (
        <Enrol
          begun={beginning.data}
          cancel={beginning.reset}
          confirmed={async (codes) => {
            setPapers(codes);
            beginning.reset();
            await changed();
          }}
        />
      )}
      {!papers && state.data?.on && (
        <>
          <Text>{words.on_text(String(state.data.papers_left))}</Text>
          {state.data.papers_left <= FEW && <Text>{words.few}</Text>}
          <Group>
            <Button variant="default" onClick={() => setEnding(true)}>
              {words.end}
            </Button>
          </Group>
        </>
      )}
      {ending && (
        <EndFactor
          close={() => setEnding(false)}
          ended={async () => {
            setEnding(false);
            await changed();
            toast(words.turned_off);
          }}
        />
      )}
    </Stack>
  );
}
