import { Alert, Button, Group, Menu, Stack, Text, VisuallyHidden } from "@mantine/core";
import { useWords, type Words } from "../../words";
import type { Desk, Notice } from "./desk";
import classes from "./desk.module.css";
import { softphone } from "./softphone";

/** What the operator does now, and the buttons that change it. */
export function Me({ desk }: { desk: Desk }) {
  const words = useWords();
  const w = words.desk;
  const state = desk.presence ?? "offline";
  const why = desk.why === "unanswered" ? w.unanswered : desk.why;
  return (
    <Stack className="card" gap="sm" component="section" aria-label={w.you}>
      <VisuallyHidden component="h2">{w.you}</VisuallyHidden>
      <p className={classes.state} id="state" role="status" data-state={state}>
        {w.states[state]}
        {why && state === "away" && `: ${why}`}
      </p>
      {desk.presence && (
        <Text size="sm" c="dimmed">
          {w.queues(desk.queues.join(", ") || w.all_queues)}
        </Text>
      )}
      <LinkNews desk={desk} />
      {desk.notice && <NoticeOf desk={desk} notice={desk.notice} />}
      {desk.presence === "away" && <Button onClick={() => void softphone.becomeAvailable()}>{w.go_available}</Button>}
      {desk.presence === "available" && <AwayMenu />}
      {desk.link.at === "elsewhere" && <Button onClick={() => void softphone.sit(true)}>{w.use_this}</Button>}
    </Stack>
  );
}

/** Goes away at once, or says why first. */
function AwayMenu() {
  const w = useWords().desk;
  const away = (why: string) => softphone.do({ type: "choose", state: "away", why });
  return (
    <Group gap={4} wrap="nowrap">
      <Button variant="default" flex={1} onClick={() => away("")}>
        {w.go_away}
      </Button>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default" px="sm" aria-label={w.away_for}>
            …
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{w.away_for}</Menu.Label>
          {w.reasons.map((why) => (
            <Menu.Item key={why} onClick={() => away(why)}>
              {why}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

function LinkNews({ desk }: { desk: Desk }) {
  const w = useWords().desk;
  const { link } = desk;
  if (link.at === "open" || link.at === "closed") return null;
  const said = link.at === "lost" ? w.reconnecting(link.againInS) : link.at === "elsewhere" ? w.elsewhere[link.why] : w.connecting;
  return (
    <Alert color={link.at === "connecting" ? "petrol" : "yellow"} variant="light" role="status" p="sm">
      {said}
    </Alert>
  );
}

const QUIET = new Set(["returned", "call_back_offered", "call_back_now", "wrap_up_over"]);

function NoticeOf({ desk, notice }: { desk: Desk; notice: Notice }) {
  const words = useWords();
  const bad = notice.kind === "server" || (notice.kind === "microphone" && notice.code !== "click");
  const quiet = QUIET.has(notice.kind) || (notice.kind === "gone" && notice.why !== "timed_out");
  return (
    <Alert
      color={bad ? "red" : quiet ? "petrol" : "yellow"}
      variant="light"
      role="alert"
      p="sm"
      withCloseButton
      closeButtonLabel={words.frame.close}
      onClose={() => softphone.do({ type: "read_notice" })}
    >
      {saidOf(notice, desk, words)}
    </Alert>
  );
}

function saidOf(notice: Notice, desk: Desk, words: Words): string {
  const w = words.desk.notices;
  switch (notice.kind) {
    case "gone":
      return notice.by ? w.taken_by(notice.by) : (w.gone[notice.why] ?? notice.why);
    case "forced":
      return w.forced[notice.state](notice.why);
    case "draining":
      return w.draining(notice.seconds);
    case "call_back_offered":
      return w.call_back_offered;
    case "call_back_now":
      return w.call_back_now(notice.number);
    case "wrap_up_over":
      return w.wrap_up_over(notice.titles?.[words.format.language] ?? notice.code);
    case "microphone": {
      const said = (w.microphone[notice.code] ?? w.microphone.failed)?.(notice.detail || notice.code) ?? "";
      return notice.inCall && notice.code !== "click" && desk.phase === "on_call" ? `${w.microphone_off} ${said}` : said;
    }
    case "returned":
      return w.returned(words.desk.handoffs[notice.reason] ?? notice.reason);
    case "to_bot_failed":
      return w.to_bot_failed(w.to_bot_fails[notice.reason] ?? notice.message);
    case "server":
      return words.errors.unknown("", notice.message);
  }
}
