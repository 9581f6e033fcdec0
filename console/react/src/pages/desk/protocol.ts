// What the operators' socket and the desk tell each other (telephony/operators/socket.py, seats.py). Times in milliseconds.

export type Presence = "away" | "available" | "offered" | "on_call" | "wrap_up";
export type Speaker = "caller" | "bot" | "operator";

/** A call that waits or rings. kind 'callback': somebody who kept the place in the queue, to be called back. */
export interface About {
  call_id: string;
  queue: string;
  line: string;
  caller: string;
  language: string;
  reason: string;
  kind: "call" | "callback";
  urgency: string;
}

export interface WaitingCall extends About {
  place: number;
  since_ms_ago: number;
}

export interface Said {
  speaker: Speaker;
  text: string;
  at_ms?: number | null;
  is_final?: boolean;
  seq?: number;
}

export interface Offered extends About {
  offer: string;
  slots: Record<string, string>;
  transcript: Said[];
  expires_in_ms: number;
}

export interface Code {
  code: string;
  it: string;
  en: string;
}

/** The work behind a call. code, note: what was chosen and written so far; more_ms: how much longer one may once take. */
export interface ToWrapUp {
  call_id: string;
  codes: Code[];
  default: string;
  code: string;
  note: string;
  ends_in_ms: number;
  more_ms: number;
}

/** Where the bot can take the call up. returns: the operator waits and has the caller again afterwards. */
export interface BotFlow {
  flow: string;
  titles: Record<string, string>;
  returns: boolean;
}

/** What the bot handed over. */
export type Known = About & { slots: Record<string, string> };

/** What a page is told that comes back in mid-call. since_ms_ago: when they accepted it. */
export interface Retold {
  call?: Known;
  muted?: boolean;
  since_ms_ago?: number;
}

/** What a supervisor (by) does in the call: hears it, speaks to the operator alone, speaks to both. */
export interface Monitored {
  mode: "listen" | "whisper" | "barge";
  by: string;
}

/** An article that the bot says into the call. speaking: it sounds, and the operator's microphone rests. */
export type Saying = { article: string } & ({ state: "preparing" | "speaking" } | { state: "over"; why: "said" | "stopped" | "failed" | "broken_off" });

export type FromServer =
  | { type: "welcome"; operator: { id: string; name: string; queues: string[] } }
  | { type: "state"; state: Presence; why?: string }
  | { type: "waiting"; calls: WaitingCall[] }
  | ({ type: "offer" } & Offered)
  | { type: "offer_gone"; offer: string; why: string; by?: string }
  | ({ type: "connected"; call_id: string; call_back?: string } & Retold)
  | { type: "recording"; call_id: string; state: string }
  | ({ type: "transcript"; call_id: string } & Said)
  | ({ type: "wrap_up"; call?: Known; ended?: string } & ToWrapUp)
  | { type: "noted"; call_id: string; note: string }
  | { type: "wrapped_up"; code: string }
  | { type: "forced"; state: "available" | "away" | "offline"; why: string }
  | { type: "ended"; call_id: string; reason: string }
  | { type: "destinations"; titles: Record<string, string> }
  | { type: "guest"; call_id: string; to: string; state: "ringing" | "joined" | "failed" | "left"; reason?: string }
  | { type: "held"; call_id: string; held: boolean }
  | { type: "to_bot_flows"; call_id: string; flows: BotFlow[] }
  | ({ type: "with_bot"; call_id: string; flow: string } & Retold)
  | { type: "returned"; call_id: string; reason: string; slots: Record<string, string>; queue: string }
  | { type: "to_bot_failed"; call_id: string; flow: string; reason: string; message: string }
  | ({ type: "saying"; call_id: string } & Saying)
  | { type: "say_failed"; call_id?: string; article: string; reason: string; message: string }
  | { type: "monitored"; call_id: string; mode: Monitored["mode"] | ""; by: string }
  | { type: "webrtc"; state: "ready"; ice_servers: RTCIceServer[] }
  | { type: "webrtc"; state: "on" }
  | { type: "webrtc"; state: "off"; why: string }
  | { type: "webrtc_answer"; sdp: string }
  | { type: "draining"; within_s: number }
  | { type: "error"; message: string };

export type ToServer =
  | { type: "available" }
  | { type: "away"; why: string }
  | { type: "accept" | "decline"; offer: string }
  | { type: "recording"; wanted: "pause" | "resume" }
  | { type: "invite" | "dismiss"; to: string }
  | { type: "hold"; held: boolean }
  | { type: "mute"; muted: boolean }
  | { type: "keys"; keys: string }
  | { type: "hangup" }
  | { type: "to_bot"; flow: string }
  | { type: "let_go" }
  | { type: "say"; article: string; version: string; language: string }
  | { type: "stop_saying" }
  | { type: "wrap_up"; code: string; note: string }
  | { type: "wrapped_up"; code: string; note: string; then: "available" | "away" }
  | { type: "more_time" }
  | { type: "webrtc_offer"; sdp: string }
  | { type: "webrtc_end" };
