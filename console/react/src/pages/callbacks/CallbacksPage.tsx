import { Skeleton, Stack, Tabs, Text } from "@mantine/core";
import { useSearchParams } from "wouter";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { CallbackList } from "./CallbackList";
import { STAGES, type Stage, stageOf } from "./callbacks";
import { MOST, useCallbacks } from "./useCallbacks";

/** Who is to be called back, who deals with it, and who was called back by whom. The address says what is shown. */
export default function CallbacksPage() {
  const words = useWords();
  const w = words.callbacks;
  const [params, setParams] = useSearchParams();
  const stage = STAGES.find((one) => one === params.get("show")) ?? "due";
  const open = useCallbacks();
  const done = useCallbacks(true, stage === "done");
  const shown = stage === "done" ? done : open;
  const ofStage = (one: Stage) => (one === "done" ? done.data : open.data)?.filter((callback) => stageOf(callback) === one);
  const rows = ofStage(stage);
  return (
    <Page title={w.title} lead={w.about}>
      <Tabs value={stage} onChange={(next) => setParams(next && next !== "due" ? { show: next } : {})} keepMounted={false}>
        <Tabs.List mb="md">
          {STAGES.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {w.stages[one]} {one !== "done" && (ofStage(one)?.length ?? 0) > 0 && <Tag tone="warn">{ofStage(one)?.length}</Tag>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={stage}>
          <Trouble error={shown.error} again={() => shown.refetch()} />
          {shown.isPending && <Skeleton h={160} radius="md" aria-label={words.frame.loading} />}
          {rows?.length === 0 && <Empty title={w.empty[stage]} text={w.empty_text[stage]} />}
          {rows && rows.length > 0 && (
            <Stack className="card" gap="xs">
              <CallbackList callbacks={rows} label={w.stages[stage]} />
              {shown.data?.length === MOST && (
                <Text size="sm" c="dimmed">
                  {w.only(MOST)}
                </Text>
              )}
            </Stack>
          )}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
