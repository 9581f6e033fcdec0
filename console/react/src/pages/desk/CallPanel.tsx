import { Button, Group, Kbd, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useWords } from "../../words";
import { clock } from "../wall/wall";
import { AboutCall } from "./AboutCall";
import { Articles } from "./Articles";
import { type Desk, titleOf } from "./desk";
import classes from "./desk.module.css";
import { LiveTranscript } from "./LiveTranscript";
import { Notes } from "./Notes";
import { Others } from "./Others";
import { ScheduleCallback } from "./ScheduleCallback";
import { SendMessage } from "./SendMessage";
import { softphone } from "./softphone";
import { useNow } from "./useNow";
import { WhoCalls } from "./WhoCalls";
import { WrapUp } from "./WrapUp";

/** The call: first offered, then talked with, then wrapped up. */
export function CallPanel({ desk, title }: { desk: Desk; title: (line: string) => string }) {
  const w = useWords().desk;
  const { phase, call } = desk;
  const said = saidOf(desk, w);
  return (
    <section className={`card ${classes.call}`} id="call" data-phase={phase} aria-label={w.call}>
      <VisuallyHidden role="alert">{said}</VisuallyHidden>
      {phase === "idle" || !call ? (
        <Stack className={classes.nothing} gap={4}>
          <Title order={2} size="h4">
            {w.idle}
          </Title>
          {desk.presence === "away" || desk.presence === "available" ? <Text c="dimmed">{w.idle_text[desk.presence]}</Text> : null}
        </Stack>
      ) : (
        <>
          <Head desk={desk} said={said} />
          <LiveTranscript turns={desk.turns} focused={phase === "on_call"} />
          <Stack className={classes.side} gap="md">
            {phase === "on_call" && <Articles desk={desk} language={call.language} />}
            {phase === "on_call" && <Notes desk={desk} />}
            {(phase === "on_call" || phase === "wrap_up") && call.caller && !call.callBack && <ScheduleCallback key={call.call_id} callId={call.call_id} caller={call.caller} />}
            {(phase === "on_call" || phase === "wrap_up") && <SendMessage key={`message of ${call.call_id}`} callId={call.call_id} />}
            <WhoCalls callId={call.call_id} caller={call.caller} />
            <AboutCall call={call} title={title} />
          </Stack>
        </>
      )}
    </section>
  );
}

function Head({ desk, said }: { desk: Desk; said: string }) {
  const w = useWords().desk;
  const { phase } = desk;
  const waits = desk.withBot !== null;
  return (
    <div className={classes.head}>
      <div className={classes.title}>
        <Title order={2} size="h3" id="call-title">
          {said}
        </Title>
        <Sub desk={desk} />
        {phase === "on_call" && (
          <Text size="sm" id="recording" role="status">
            {w.recordings[desk.recording]}
          </Text>
        )}
        {phase === "on_call" && !desk.call?.callBack && desk.webrtc && (
          <Text size="sm" id="sound" role="status" data-by={desk.webrtc.at === "on" ? "webrtc" : "websocket"}>
            {w.sound[desk.webrtc.at](w.no_webrtc[desk.webrtc.why] ?? desk.webrtc.why)}
          </Text>
        )}
        <Text size="sm" role="status" fw={600}>
          {desk.monitored && w.monitored[desk.monitored.mode](desk.monitored.by)}
        </Text>
      </div>
      {phase === "offered" && <Answer />}
      {phase === "on_call" && (
        <Group gap="xs">
          {!waits && (
            <Button variant={desk.muted ? "light" : "default"} color={desk.muted ? "yellow.9" : undefined} aria-pressed={desk.muted} onClick={() => softphone.do({ type: "mute" })}>
              {desk.muted ? w.unmute : w.mute}
            </Button>
          )}
          <Button variant="default" aria-describedby="recording" onClick={() => softphone.do({ type: "record" })}>
            {desk.recording === "paused" ? w.resume_recording : w.pause_recording}
          </Button>
          {waits ? (
            <Button variant="default" onClick={() => softphone.do({ type: "let_go" })}>
              {w.let_go}
            </Button>
          ) : (
            <Button color="red.9" onClick={() => softphone.do({ type: "hang_up" })}>
              {w.hang_up}
            </Button>
          )}
        </Group>
      )}
      {phase === "offered" && desk.offer && <Countdown endsAtMs={desk.offer.endsAtMs} lastsMs={desk.offer.lastsMs} />}
      {phase === "on_call" && !waits && !desk.call?.callBack && <Others desk={desk} />}
      {phase === "wrap_up" && desk.wrapUp && <WrapUp key={desk.wrapUp.call_id} work={desk.wrapUp} />}
    </div>
  );
}

/** Accept and decline; by keyboard from anywhere, unless the focus is on something that those keys work. */
function Answer() {
  const w = useWords().desk;
  const accept = useRef<HTMLButtonElement>(null);
  useEffect(() => accept.current?.focus(), []);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      const target = event.target as Element | null;
      if (event.key === "Escape" && !target?.closest('[role="dialog"], [role="menu"], input, textarea')) softphone.do({ type: "answer", accept: false });
      if (event.key === "Enter" && !target?.closest("a, button, summary, input, select, textarea")) softphone.do({ type: "answer", accept: true });
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
  return (
    <Group gap="xs">
      <Button ref={accept} onClick={() => softphone.do({ type: "answer", accept: true })} aria-keyshortcuts="Enter" rightSection={<Kbd aria-hidden="true">{w.accept_key}</Kbd>}>
        {w.accept}
      </Button>
      <Button variant="default" onClick={() => softphone.do({ type: "answer", accept: false })} aria-keyshortcuts="Escape" rightSection={<Kbd aria-hidden="true">{w.decline_key}</Kbd>}>
        {w.decline}
      </Button>
    </Group>
  );
}

function Countdown({ endsAtMs, lastsMs }: { endsAtMs: number; lastsMs: number }) {
  const now = useNow(true);
  return <progress className={classes.countdown} max={1} value={Math.max(0, endsAtMs - now) / Math.max(1, lastsMs)} aria-hidden="true" />;
}

/** What stands small below the title: how long, or why. */
function Sub({ desk }: { desk: Desk }) {
  const words = useWords();
  const w = words.desk;
  const flow = desk.flows?.find((one) => one.flow === desk.withBot);
  const now = useNow(desk.phase === "offered" || desk.phase === "on_call");
  const { call, offer } = desk;
  const parts: Record<Desk["phase"], (string | undefined)[]> = {
    idle: [],
    joining: [],
    offered: [w.handoffs[call?.reason ?? ""] ?? call?.reason, call?.urgency === "high" ? `${w.urgency}: ${w.urgencies.high}` : "", clock(Math.max(0, (offer?.endsAtMs ?? 0) - now) + 999)],
    on_call: [clock(now - desk.talkingSinceMs), desk.withBot === null ? "" : w.with_bot(flow ? titleOf(flow, words.format.language) : desk.withBot)],
    wrap_up: [desk.ended && (w.ends[desk.ended] ?? desk.ended), w.wrap_up_hint],
  };
  return (
    <Text size="sm" c="dimmed" id="call-sub">
      {parts[desk.phase].filter(Boolean).join(" · ")}
    </Text>
  );
}

function saidOf({ phase, call }: Desk, w: ReturnType<typeof useWords>["desk"]): string {
  const caller = call?.caller || w.withheld;
  return { idle: "", offered: w.offer(caller), joining: w.joining, on_call: w.talking(caller), wrap_up: w.ended }[phase];
}
