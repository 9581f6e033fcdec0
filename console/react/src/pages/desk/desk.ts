// What the desk shows and does next, from what the server tells and the operator clicks. Pure; the time is passed in.
import type { About, BotFlow, FromServer, Monitored, Presence, Saying, ToServer, ToWrapUp, WaitingCall } from "./protocol";
import { added, type Turn } from "./turns";

/** How this tab stands to the server. elsewhere: it has no softphone (any more). */
export type Link =
  | { at: "closed" }
  | { at: "connecting" }
  | { at: "open" }
  | { at: "lost"; againInS: number }
  | { at: "elsewhere"; why: "other_tab" | "moved" | "signed_off" };

export type Phase = "idle" | "offered" | "joining" | "on_call" | "wrap_up";
export type Recording = "off" | "on" | "paused" | "failed";

/** Something to be told beside the state, in words of the page. */
export type Notice =
  | { kind: "gone"; why: string; by?: string | undefined }
  | { kind: "forced"; state: "available" | "away" | "offline"; why: string }
  | { kind: "draining"; seconds: number }
  | { kind: "call_back_offered" }
  | { kind: "call_back_now"; number: string }
  | { kind: "wrap_up_over"; code: string; titles: { it: string; en: string } | null }
  | { kind: "microphone"; code: string; detail: string; inCall: boolean }
  | { kind: "returned"; reason: string }
  | { kind: "to_bot_failed"; reason: string; message: string }
  | { kind: "server"; message: string };

/** The call on the desk. What is not known of it is empty. */
export interface DeskCall extends About {
  slots: Record<string, string>;
  /** Whom to call, with a phone of one's own; '' for a caller who is on the line. */
  callBack: string;
}

export interface Offer {
  id: string;
  endsAtMs: number;
  lastsMs: number;
}

/** code, note: as the operator has them. endsAtMs: when the time for it is over. */
export interface WrapUp extends Omit<ToWrapUp, "ends_in_ms"> {
  endsAtMs: number;
}

/**
 * Whether the call's sound goes over WebRTC. ready: it may be tried; on: it does; off: not in this call, why.
 * iceServers: null where the server has none of it.
 */
export interface Webrtc {
  at: "ready" | "joining" | "on" | "off";
  why: string;
  iceServers: readonly RTCIceServer[] | null;
}

export interface GuestNews {
  to: string;
  state: "ringing" | "joined" | "failed" | "left";
  reason: string;
}

/** What became of an article that the bot was to say. refused: it was not begun; why: a word of the server's. */
export type SayingNews = Saying | { article: string; state: "refused"; why: string; message: string };

export interface Desk {
  link: Link;
  /** As the server last told it; null while it is not known. */
  presence: Presence | null;
  /** What the presence is for, '' where nobody said so. */
  why: string;
  queues: readonly string[];
  /** What the operator chose, told again when the connection comes back. */
  wanted: { state: "available" | "away"; why: string };
  /** Between the server's welcome and the first state that it tells. */
  arriving: boolean;
  /** The server tells all the words of a running call again. */
  retold: boolean;
  /** Who waits, as it was at sinceMs; null while it is not known. */
  waiting: { calls: readonly WaitingCall[]; sinceMs: number } | null;
  phase: Phase;
  call: DeskCall | null;
  offer: Offer | null;
  /** When the voices were joined, as far as this page knows. */
  talkingSinceMs: number;
  turns: readonly Turn[];
  recording: Recording;
  muted: boolean;
  held: boolean;
  destinations: Readonly<Record<string, string>>;
  guests: ReadonlySet<string>;
  guestNews: GuestNews | null;
  /** Where the bot can take the call up; null where it cannot. */
  flows: readonly BotFlow[] | null;
  /** The flow in which the bot has the caller now, and the operator waits; null while they talk. */
  withBot: string | null;
  monitored: Monitored | null;
  /** The latest of it in this call. */
  saying: SayingNews | null;
  /** null where the server does not want it. */
  webrtc: Webrtc | null;
  /** Written during the call, for the note of the work behind it. */
  note: string;
  wrapUp: WrapUp | null;
  /** Why the call ended, while its work is done. */
  ended: string;
  notice: Notice | null;
}

export const CLOSED: Desk = {
  link: { at: "closed" },
  presence: null,
  why: "",
  queues: [],
  wanted: { state: "away", why: "" },
  arriving: false,
  retold: false,
  waiting: null,
  phase: "idle",
  call: null,
  offer: null,
  talkingSinceMs: 0,
  turns: [],
  recording: "off",
  muted: false,
  held: false,
  destinations: {},
  guests: new Set(),
  guestNews: null,
  flows: null,
  withBot: null,
  monitored: null,
  saying: null,
  webrtc: null,
  note: "",
  wrapUp: null,
  ended: "",
  notice: null,
};

/** What the operator does, and what becomes of the connection and the sound. */
export type Deed =
  | { type: "connecting" }
  | { type: "lost"; againInS: number }
  | { type: "elsewhere"; why: "other_tab" | "moved" | "signed_off" }
  | { type: "closed" }
  | { type: "microphone_failed"; code: string; detail: string }
  | { type: "choose"; state: "available" | "away"; why?: string }
  | { type: "answer"; accept: boolean }
  | { type: "hang_up" }
  | { type: "mute" }
  | { type: "record" }
  | { type: "hold" }
  | { type: "guest"; to: string }
  | { type: "keys"; keys: string }
  | { type: "to_bot"; flow: string }
  | { type: "let_go" }
  | { type: "say"; article: string; version: string; language: string }
  | { type: "stop_saying" }
  | { type: "write"; note: string }
  | { type: "keep_note" }
  | { type: "wrap_up"; code?: string; note?: string }
  | { type: "keep_wrap_up" }
  | { type: "more_time" }
  | { type: "done"; next: "available" | "away" }
  | { type: "read_notice" }
  | { type: "webrtc_tried"; sdp: string }
  | { type: "webrtc_gone"; why: "failed" | "lost" };

/** The desk afterwards, and what the server is told. */
export type Step = readonly [Desk, ...ToServer[]];

/** An offer calls for attention now. */
export function rings(desk: Desk): boolean {
  return desk.phase === "offered" && desk.link.at === "open";
}

/** The microphone and the loudspeaker belong to a caller now. While a connection comes back, too. */
export function talks(desk: Desk): boolean {
  return desk.phase === "on_call" && !desk.call?.callBack && desk.link.at !== "elsewhere";
}

/** The bot says something into the call, or is about to. */
export function sounds({ saying }: Desk): boolean {
  return saying?.state === "preparing" || saying?.state === "speaking";
}

/** WebRTC is to be tried for this call. */
export function triesWebrtc(desk: Desk): boolean {
  return talks(desk) && desk.link.at === "open" && desk.webrtc?.at === "ready";
}

/** What people call a flow in their language, or in one there is. */
export function titleOf({ flow, titles }: BotFlow, language: string): string {
  return titles[language] ?? Object.values(titles)[0] ?? flow;
}

/** What the server told. */
export function heard(desk: Desk, message: FromServer, nowMs: number): Step {
  switch (message.type) {
    case "welcome":
      return [{ ...desk, link: { at: "open" }, queues: message.operator.queues, arriving: true, retold: true }];
    case "state":
      return told({ ...desk, presence: message.state, why: message.why ?? "" });
    case "waiting":
      return [{ ...desk, waiting: { calls: message.calls, sinceMs: nowMs } }];
    case "offer": {
      const { offer, expires_in_ms: lastsMs, transcript } = message;
      return [
        {
          ...desk,
          phase: "offered",
          call: callOf(message),
          offer: { id: offer, endsAtMs: nowMs + lastsMs, lastsMs },
          turns: transcript.reduce<readonly Turn[]>(added, []),
          note: "",
          ended: "",
          notice: message.kind === "callback" ? { kind: "call_back_offered" } : null,
        },
      ];
    }
    case "offer_gone": {
      if (desk.offer?.id !== message.offer || desk.phase === "on_call") return [desk];
      const wanted = message.why === "timed_out" ? { state: "away" as const, why: "" } : desk.wanted;
      return [{ ...without(desk), wanted, notice: { kind: "gone", why: message.why, by: message.by } }];
    }
    case "connected":
      return connected(desk, message, nowMs);
    case "recording":
      return [desk.call?.call_id === message.call_id ? { ...desk, recording: message.state as Recording } : desk];
    case "transcript":
      return [desk.call?.call_id === message.call_id ? { ...desk, turns: added(desk.turns, message) } : desk];
    case "wrap_up": {
      const { type: _, ends_in_ms: endsInMs, call: told, ended, ...work } = message;
      // What is being written here is newer than what the server has: from the call, and when it tells again.
      const known = desk.wrapUp?.call_id === work.call_id ? desk.wrapUp : null;
      const noted = desk.call?.call_id === work.call_id ? desk.note : "";
      const mine = known ? { code: known.code, note: known.note } : { note: noted || work.note };
      const wrapUp = { ...work, ...mine, endsAtMs: nowMs + endsInMs };
      const call = desk.call?.call_id === work.call_id ? desk.call : { ...UNKNOWN, ...told, call_id: work.call_id };
      const again: Partial<Desk> = told ? { turns: [], ended: ended ?? "" } : {}; // all its words follow
      const next: Desk = { ...desk, ...again, call, wrapUp, note: "" };
      return known || mine.note === work.note ? [next] : [next, { type: "wrap_up", code: wrapUp.code, note: mine.note }];
    }
    case "noted":
      return [desk.call?.call_id === message.call_id ? { ...desk, note: message.note } : desk];
    case "wrapped_up": {
      const titles = desk.wrapUp?.codes.find((one) => one.code === message.code) ?? null;
      return [{ ...desk, wanted: { state: "available", why: "" }, notice: { kind: "wrap_up_over", code: message.code, titles } }];
    }
    case "forced": {
      const state = message.state === "available" ? "available" : "away";
      return [{ ...desk, wanted: { state, why: "" }, notice: { kind: "forced", state: message.state, why: message.why } }];
    }
    case "ended":
      return [desk.call?.call_id === message.call_id ? afterwards(desk, message.reason) : desk];
    case "destinations":
      return [{ ...desk, destinations: message.titles }];
    case "guest": {
      if (desk.call?.call_id !== message.call_id) return [desk];
      const guests = new Set(desk.guests);
      if (message.state === "failed" || message.state === "left") guests.delete(message.to);
      else guests.add(message.to);
      return [{ ...desk, guests, guestNews: { to: message.to, state: message.state, reason: message.reason ?? "" } }];
    }
    case "held":
      return [desk.call?.call_id === message.call_id ? { ...desk, held: message.held } : desk];
    case "to_bot_flows":
      return [desk.call?.call_id === message.call_id ? { ...desk, flows: message.flows } : desk];
    case "with_bot": {
      const [next, ...more] = connected(desk, message, nowMs);
      return [{ ...next, withBot: message.flow, flows: desk.flows, held: false, guests: CLOSED.guests, guestNews: null }, ...more];
    }
    case "returned": {
      if (desk.call?.call_id !== message.call_id) return [desk];
      const { reason, slots, queue } = message;
      return [{ ...desk, call: { ...desk.call, reason, slots, queue }, notice: { kind: "returned", reason } }];
    }
    case "to_bot_failed":
      return [{ ...desk, notice: { kind: "to_bot_failed", reason: message.reason, message: message.message } }];
    case "monitored":
      if (desk.call?.call_id !== message.call_id) return [desk];
      return [{ ...desk, monitored: message.mode ? { mode: message.mode, by: message.by } : null }];
    case "saying": {
      const { type: _, call_id, ...saying } = message;
      return [desk.call?.call_id === call_id ? { ...desk, saying } : desk];
    }
    case "say_failed": {
      if (sounds(desk)) return [desk]; // of another one, which is in the way
      const { article, reason: why, message: said } = message;
      return [{ ...desk, saying: { article, state: "refused", why, message: said } }];
    }
    case "webrtc":
      return [{ ...desk, webrtc: webrtcOf(desk, message) }];
    case "draining":
      return [{ ...desk, notice: { kind: "draining", seconds: Math.ceil(message.within_s) } }];
    case "error":
      return [{ ...desk, notice: { kind: "server", message: message.message } }];
    default:
      return [desk]; // a newer server may tell more than this page knows
  }
}

/** What the operator did, or what became of the connection. */
export function done(desk: Desk, deed: Deed): Step {
  switch (deed.type) {
    case "connecting":
      return [{ ...desk, link: { at: "connecting" } }];
    case "lost": {
      // An offer is taken back by the server at once; a call, and the work behind one, wait.
      const kept = desk.phase === "offered" ? without(desk) : desk;
      return [{ ...kept, link: { at: "lost", againInS: deed.againInS }, presence: null, waiting: null, arriving: false, webrtc: null }];
    }
    case "elsewhere":
      // What was chosen here is of the past when this tab has the desk again.
      return [{ ...without(desk), link: { at: "elsewhere", why: deed.why }, presence: null, waiting: null, arriving: false, wanted: CLOSED.wanted }];
    case "closed":
      return [CLOSED];
    case "microphone_failed":
      return [{ ...desk, notice: { kind: "microphone", code: deed.code, detail: deed.detail, inCall: desk.phase === "on_call" } }];
    case "choose": {
      const why = deed.why ?? "";
      const wanted = { state: deed.state, why };
      return [{ ...desk, wanted, notice: null }, deed.state === "available" ? { type: "available" } : { type: "away", why }];
    }
    case "answer": {
      if (desk.phase !== "offered" || !desk.offer) return [desk];
      const type = deed.accept ? "accept" : "decline";
      return [{ ...desk, phase: deed.accept ? "joining" : desk.phase }, { type, offer: desk.offer.id }];
    }
    case "hang_up":
      return [desk, { type: "hangup" }];
    case "mute":
      return [{ ...desk, muted: !desk.muted }, { type: "mute", muted: !desk.muted }];
    case "record":
      return [desk, { type: "recording", wanted: desk.recording === "paused" ? "resume" : "pause" }];
    case "hold":
      return [desk, { type: "hold", held: !desk.held }];
    case "guest":
      return [desk, { type: desk.guests.has(deed.to) ? "dismiss" : "invite", to: deed.to }];
    case "to_bot":
      return [desk, { type: "to_bot", flow: deed.flow }];
    case "let_go":
      return [desk, { type: "let_go" }];
    case "say": {
      const { article, version, language } = deed;
      return [desk, { type: "say", article, version, language }];
    }
    case "stop_saying":
      return [desk, { type: "stop_saying" }];
    case "keys":
      return /^[0-9*#]{1,32}$/.test(deed.keys) ? [desk, { type: "keys", keys: deed.keys }] : [desk];
    case "write":
      return [{ ...desk, note: deed.note }];
    case "keep_note":
      return desk.phase === "on_call" ? [desk, { type: "wrap_up", code: "", note: desk.note }] : [desk];
    case "wrap_up":
      if (!desk.wrapUp) return [desk];
      return [{ ...desk, wrapUp: { ...desk.wrapUp, code: deed.code ?? desk.wrapUp.code, note: deed.note ?? desk.wrapUp.note } }];
    case "keep_wrap_up":
      return desk.wrapUp ? [desk, { type: "wrap_up", code: desk.wrapUp.code, note: desk.wrapUp.note }] : [desk];
    case "more_time":
      return [desk, { type: "more_time" }];
    case "done": {
      if (!desk.wrapUp) return [desk];
      const { code, note } = desk.wrapUp;
      // oxlint-disable-next-line unicorn/no-thenable -- the protocol's own word
      const told: ToServer = { type: "wrapped_up", code, note, then: deed.next };
      return [{ ...desk, wanted: { state: deed.next, why: "" }, notice: null }, told];
    }
    case "read_notice":
      return [{ ...desk, notice: null }];
    case "webrtc_tried":
      return desk.webrtc ? [{ ...desk, webrtc: { ...desk.webrtc, at: "joining" } }, { type: "webrtc_offer", sdp: deed.sdp }] : [desk];
    case "webrtc_gone":
      return desk.webrtc ? [{ ...desk, webrtc: { ...desk.webrtc, at: "off", why: deed.why } }, { type: "webrtc_end" }] : [desk];
  }
}

/** The server told a state. It is the truth: whatever the page was in the middle of gives way to it. */
function told(desk: Desk): Step {
  const { presence, arriving, wanted } = desk;
  const next: Desk = { ...desk, arriving: false, retold: desk.retold && presence === "on_call" };
  switch (presence) {
    case "away":
    case "available":
      // After a reconnection the server knows an idle operator no more: it is told again what they chose.
      if (arriving && presence === "away" && (wanted.state === "available" || wanted.why)) {
        return [without(next), wanted.state === "available" ? { type: "available" } : { type: "away", why: wanted.why }];
      }
      // A seat that another tab or computer left available is the operator's own choice.
      return [{ ...without(next), wanted: arriving && presence === "available" ? { state: presence, why: "" } : wanted }];
    case "on_call":
      return [next.phase === "offered" ? { ...next, phase: "joining" } : next];
    case "wrap_up":
      return [next.phase === "wrap_up" ? next : afterwards(next, "")];
    default:
      return [next];
  }
}

/** The voices are joined; or, of a call that the bot has, they will be. */
function connected(desk: Desk, message: FromServer & { type: "connected" | "with_bot" }, nowMs: number): Step {
  const same = desk.call?.call_id === message.call_id ? desk.call : null;
  const callBack = (message.type === "connected" && message.call_back) || "";
  const call = { ...(same ?? UNKNOWN), ...message.call, call_id: message.call_id, callBack };
  const going = same !== null && desk.phase === "on_call";
  // What an operator did while the connection was lost counts; a page that was loaded again knows only what it is told.
  const muted = going ? desk.muted : (message.muted ?? false);
  const next: Desk = {
    ...desk,
    phase: "on_call",
    call,
    offer: null,
    ended: "",
    turns: same === null || desk.retold ? [] : desk.turns,
    flows: null,
    withBot: null,
    ...(desk.retold && RETOLD),
    retold: false,
    talkingSinceMs: going ? desk.talkingSinceMs : nowMs - (message.since_ms_ago ?? 0),
    muted,
    notice: callBack ? { kind: "call_back_now", number: callBack } : desk.notice,
  };
  return desk.retold && muted !== (message.muted ?? false) ? [next, { type: "mute", muted }] : [next];
}

/** What the server tells again where it still is so. */
const RETOLD = { held: false, guests: CLOSED.guests, guestNews: null, monitored: null, saying: null } as const;

/** No call on the desk. */
function without(desk: Desk): Desk {
  const { phase, call, offer, turns, talkingSinceMs, note, wrapUp, ended } = CLOSED;
  return { ...silent(desk), phase, call, offer, turns, talkingSinceMs, note, wrapUp, ended };
}

/** The call is over; the words stay to be read while it is wrapped up. */
function afterwards(desk: Desk, ended: string): Desk {
  return { ...silent(desk), phase: "wrap_up", ended, offer: null };
}

/** Nothing of a talk that is over stays for the next one. */
function silent(desk: Desk): Desk {
  const { recording, muted, held, guests, guestNews, flows, withBot, monitored, saying } = CLOSED;
  const webrtc: Webrtc | null = desk.webrtc?.iceServers ? { ...desk.webrtc, at: "ready", why: "" } : desk.webrtc;
  return { ...desk, recording, muted, held, guests, guestNews, flows, withBot, monitored, saying, webrtc };
}

function webrtcOf({ webrtc, phase }: Desk, message: FromServer & { type: "webrtc" }): Webrtc | null {
  if (message.state === "ready") return { at: "ready", why: "", iceServers: message.ice_servers };
  if (message.state === "off" && !webrtc) return { at: "off", why: message.why, iceServers: null };
  // What comes after a call is of no call; what comes after this page gave up is of what it gave up.
  if (!webrtc || phase !== "on_call" || webrtc.at === "off") return webrtc;
  return message.state === "on" ? { ...webrtc, at: "on" } : { ...webrtc, at: "off", why: message.why };
}

const UNKNOWN: DeskCall = { call_id: "", queue: "", line: "", caller: "", language: "", reason: "", kind: "call", urgency: "", slots: {}, callBack: "" };

function callOf({ call_id, queue, line, caller, language, reason, kind, urgency, slots }: FromServer & { type: "offer" }): DeskCall {
  return { call_id, queue, line, caller, language, reason, kind, urgency, slots, callBack: "" };
}
