import { describe, expect, it } from "vitest";
import { asked } from "./articles";
import { CLOSED, type Deed, type Desk, done, heard, rings, sounds, talks, triesWebrtc } from "./desk";
import { waitS } from "./link";
import type { FromServer, ToServer } from "./protocol";
import { added, lastWordsOf, type Turn } from "./turns";
import { receivedOf } from "./webrtc";

const about = { call_id: "c1", queue: "ordini", line: "it", caller: "+393331112222", language: "it", reason: "asked", kind: "call", urgency: "normal" } as const;
const welcome: FromServer = { type: "welcome", operator: { id: "a", name: "Anna", queues: ["ordini"] } };
const state = (now: "away" | "available" | "offered" | "on_call" | "wrap_up"): FromServer => ({ type: "state", state: now });
const offer: FromServer = { type: "offer", offer: "o1", ...about, slots: { ordine: "12345" }, transcript: [{ speaker: "caller", text: "Un operatore", at_ms: 3100 }], expires_in_ms: 20_000 };
const connected: FromServer = { type: "connected", call_id: "c1" };
const work: FromServer & { type: "wrap_up" } = {
  type: "wrap_up", call_id: "c1", codes: [{ code: "solved", it: "Risolto", en: "Solved" }], default: "solved", code: "", note: "", ends_in_ms: 120_000, more_ms: 120_000,
};

/** The desk after all of it, and everything the server was told. */
function after(...events: (FromServer | Deed)[]): { desk: Desk; told: ToServer[] } {
  let desk = CLOSED;
  const told: ToServer[] = [];
  events.forEach((event, at) => {
    const [next, ...more] = DEEDS.has(event.type) ? done(desk, event as Deed) : heard(desk, event as FromServer, 1000 * at);
    desk = next;
    told.push(...more);
  });
  return { desk, told };
}
const DEEDS = new Set(["connecting", "lost", "elsewhere", "closed", "choose", "answer", "hang_up", "mute", "record", "hold", "keys", "write", "keep_note", "keep_wrap_up", "more_time", "done", "microphone_failed", "say", "stop_saying", "webrtc_tried", "webrtc_gone"]);
const available: (FromServer | Deed)[] = [{ type: "connecting" }, welcome, state("away"), { type: "choose", state: "available" }, state("available")];
const accept: Deed = { type: "answer", accept: true };
const inCall = [...available, state("offered"), offer, accept, state("on_call"), connected];

describe("an offer", () => {
  it("rings until it is answered, and is answered once", () => {
    expect(rings(after(...available, state("offered"), offer).desk)).toBe(true);
    const { desk, told } = after(...available, state("offered"), offer, accept, accept);
    expect([desk.phase, rings(desk)]).toEqual(["joining", false]);
    expect(told.filter((one) => one.type === "accept")).toEqual([{ type: "accept", offer: "o1" }]);
  });

  it("stops ringing when somebody else answers, and leaves the operator free", () => {
    const { desk } = after(...available, state("offered"), offer, { type: "offer_gone", offer: "o1", why: "taken", by: "Bruno" }, state("available"));
    expect([desk.phase, desk.call, rings(desk), desk.presence]).toEqual(["idle", null, false, "available"]);
    expect(desk.notice).toEqual({ kind: "gone", why: "taken", by: "Bruno" });
    expect(desk.wanted.state).toBe("available");
  });

  it("stops ringing when the server tells of a state without one, whatever got lost on the way", () => {
    expect(after(...available, state("offered"), offer, state("available")).desk.phase).toBe("idle");
  });

  it("that came to nothing after it was accepted leaves nothing behind that waits for a call", () => {
    const { desk } = after(...available, state("offered"), offer, accept, { type: "offer_gone", offer: "o1", why: "caller_left" }, state("available"));
    expect([desk.phase, desk.call]).toEqual(["idle", null]);
  });

  it("of before does not end the one that rings now", () => {
    expect(rings(after(...available, state("offered"), offer, { type: "offer_gone", offer: "o0", why: "timed_out" }).desk)).toBe(true);
  });

  it("nobody answered means a break, and a reconnection does not take it back", () => {
    const { told } = after(...available, state("offered"), offer, { type: "offer_gone", offer: "o1", why: "timed_out" }, state("away"), { type: "lost", againInS: 1 }, welcome, state("away"));
    expect(told.filter((one) => one.type === "available").length).toBe(1);
  });
});

describe("one tab", () => {
  it("that loses the softphone rings no more and holds no microphone", () => {
    const ringing = after(...available, state("offered"), offer, { type: "elsewhere", why: "moved" }).desk;
    expect([rings(ringing), ringing.phase, ringing.presence]).toEqual([false, "idle", null]);
    expect(talks(after(...inCall, { type: "elsewhere", why: "moved" }).desk)).toBe(false);
  });

  it("that has it again does not bring back what was chosen there before", () => {
    const again = after(...available, { type: "elsewhere", why: "moved" }, { type: "connecting" }, welcome, state("away"));
    expect(again.told.filter((one) => one.type === "available").length).toBe(1);
  });

  it("that never had it cannot ring", () => {
    expect(rings(after({ type: "connecting" }, { type: "elsewhere", why: "other_tab" }).desk)).toBe(false);
  });
});

describe("a connection that breaks", () => {
  it("takes an offer away, and a call goes on with all its words and its sound", () => {
    expect(after(...available, state("offered"), offer, { type: "lost", againInS: 1 }).desk.phase).toBe("idle");
    const broken = after(...inCall, { type: "mute" }, { type: "lost", againInS: 1 }).desk;
    expect([broken.phase, talks(broken), broken.presence]).toEqual(["on_call", true, null]);
    const words: FromServer = { type: "transcript", call_id: "c1", speaker: "caller", text: "Un operatore", at_ms: 3100, is_final: true };
    const { desk } = after(...inCall, { type: "mute" }, { type: "lost", againInS: 1 }, welcome, state("on_call"), connected, words);
    expect([desk.phase, desk.muted, desk.turns.map((one) => one.text), desk.call?.caller]).toEqual(["on_call", true, ["Un operatore"], about.caller]);
  });

  it("leaves nothing on hold and no guest that the server does not tell again, and the microphone as the operator left it", () => {
    const changed: FromServer[] = [{ type: "held", call_id: "c1", held: true }, { type: "guest", call_id: "c1", to: "magazzino", state: "joined" }];
    const lost: Deed = { type: "lost", againInS: 1 };
    const { desk, told } = after(...inCall, ...changed, lost, { type: "mute" }, welcome, state("on_call"), { ...connected, muted: false });
    expect([desk.held, desk.guests.size, desk.muted]).toEqual([false, 0, true]);
    expect(told.at(-1)).toEqual({ type: "mute", muted: true });
    const before = after(...inCall, ...changed).desk;
    expect(heard(before, connected, 0)[0].held).toBe(true); // no connection was lost: nothing is told again
  });

  it("between accepting and the voices leaves nobody joining for ever", () => {
    const accepted = [...available, state("offered"), offer, accept, { type: "lost", againInS: 1 } as Deed, welcome];
    expect(after(...accepted, state("away")).desk.phase).toBe("idle");
    const { desk } = after(...accepted, state("on_call"), connected);
    expect([desk.phase, desk.call?.caller, talks(desk)]).toEqual(["on_call", about.caller, true]);
  });

  it("during which the call ended leads to the work behind it, and the microphone closes", () => {
    const { desk } = after(...inCall, { type: "lost", againInS: 1 }, welcome, state("wrap_up"), work);
    expect([desk.phase, talks(desk), desk.wrapUp?.call_id, desk.turns.length]).toEqual(["wrap_up", false, "c1", 1]);
  });

  it("is told again what the operator chose, and why", () => {
    const lost: Deed = { type: "lost", againInS: 1 };
    expect(after(...available, lost, welcome, state("away")).told.at(-1)).toEqual({ type: "available" });
    const lunch: Deed = { type: "choose", state: "away", why: "Pranzo" };
    expect(after(...available, lunch, state("away"), lost, welcome, state("away")).told.at(-1)).toEqual({ type: "away", why: "Pranzo" });
  });

  it("after which the seat that another tab left available stays so", () => {
    const taken = after({ type: "connecting" }, welcome, state("available"), { type: "lost", againInS: 1 }, welcome, state("away"));
    expect(taken.told).toEqual([{ type: "available" }]);
  });

  it("is tried again ever more rarely", () => {
    expect([0, 1, 2, 3, 4, 5, 99].map(waitS)).toEqual([1, 2, 4, 8, 15, 15, 15]);
  });
});

describe("a call", () => {
  it("of a page that was loaded again is told by the server", () => {
    const { desk } = after({ type: "connecting" }, welcome, state("on_call"), { ...connected, call: { ...about, slots: { ordine: "12345" } } }, { type: "noted", call_id: "c1", note: "Ha fretta" });
    expect([desk.phase, desk.call?.caller, desk.call?.slots, desk.note]).toEqual(["on_call", about.caller, { ordine: "12345" }, "Ha fretta"]);
    expect(after({ type: "connecting" }, welcome, state("wrap_up"), work).desk.call?.call_id).toBe("c1");
  });

  it("of a page that was loaded again goes on as it was: on hold, muted, with its guests, for as long as it has lasted", () => {
    const back: FromServer = { ...connected, muted: true, since_ms_ago: 60_000 };
    const { desk, told } = after({ type: "connecting" }, welcome, state("on_call"), back, { type: "held", call_id: "c1", held: true }, { type: "guest", call_id: "c1", to: "magazzino", state: "joined" });
    expect([desk.muted, desk.held, [...desk.guests], desk.talkingSinceMs, told]).toEqual([true, true, ["magazzino"], 3000 - 60_000, []]);
  });

  it("whose work is done is told to a page that was loaded again, with its words and why it ended", () => {
    const words: FromServer = { type: "transcript", call_id: "c1", speaker: "caller", text: "Un operatore" };
    const again: FromServer = { ...work, call: { ...about, slots: {} }, ended: "caller_hung_up" };
    const { desk } = after({ type: "connecting" }, welcome, state("wrap_up"), again, words);
    expect([desk.call?.caller, desk.ended, desk.turns.length]).toEqual([about.caller, "caller_hung_up", 1]);
    const lost = after(...inCall, { type: "ended", call_id: "c1", reason: "caller_hung_up" }, state("wrap_up"), work, { type: "lost", againInS: 1 }, welcome, state("wrap_up"), again, words).desk;
    expect([lost.turns.length, lost.ended]).toEqual([1, "caller_hung_up"]);
  });

  it("to call back opens no microphone", () => {
    const { desk } = after(...available, state("offered"), { ...offer, kind: "callback" }, accept, state("on_call"), { ...connected, call_back: about.caller });
    expect([desk.phase, talks(desk), desk.notice]).toEqual(["on_call", false, { kind: "call_back_now", number: about.caller }]);
  });

  it("hears only of itself", () => {
    const other: FromServer[] = [
      { type: "transcript", call_id: "c2", speaker: "caller", text: "altro" },
      { type: "recording", call_id: "c2", state: "failed" },
      { type: "held", call_id: "c2", held: true },
      { type: "guest", call_id: "c2", to: "magazzino", state: "joined" },
      { type: "ended", call_id: "c2", reason: "caller_hung_up" },
    ];
    expect(after(...inCall, ...other).desk).toEqual(after(...inCall).desk);
  });

  it("holds, brings in, lets go, and leaves nothing of it to the next call", () => {
    const guest = (now: "ringing" | "left"): FromServer => ({ type: "guest", call_id: "c1", to: "magazzino", state: now });
    const { desk } = after(...inCall, { type: "held", call_id: "c1", held: true }, guest("ringing"));
    expect(done(desk, { type: "hold" })[1]).toEqual({ type: "hold", held: false });
    expect(done(desk, { type: "guest", to: "magazzino" })[1]).toEqual({ type: "dismiss", to: "magazzino" });
    expect(done(heard(desk, guest("left"), 0)[0], { type: "guest", to: "magazzino" })[1]).toEqual({ type: "invite", to: "magazzino" });
    const over = heard(desk, { type: "ended", call_id: "c1", reason: "caller_hung_up" }, 0)[0];
    expect([over.held, over.guests.size, over.guestNews, over.muted]).toEqual([false, 0, null, false]);
  });

  it("sends only keys that a telephone has", () => {
    const { desk } = after(...inCall);
    expect(done(desk, { type: "keys", keys: "12#" })[1]).toEqual({ type: "keys", keys: "12#" });
    expect(done(desk, { type: "keys", keys: "1a" }).length).toBe(1);
  });
});

describe("the bot has the call again", () => {
  const flows: FromServer = { type: "to_bot_flows", call_id: "c1", flows: [{ flow: "tessera", titles: { it: "Tessera" }, returns: true }] };
  const away: FromServer = { type: "with_bot", call_id: "c1", flow: "tessera" };

  it("and the operator waits for it, and has it back with what was collected", () => {
    const waiting = after(...inCall, flows, { type: "held", call_id: "c1", held: true }, away).desk;
    expect([waiting.phase, waiting.withBot, waiting.held]).toEqual(["on_call", "tessera", false]);
    const back: FromServer = { type: "returned", call_id: "c1", reason: "flow", slots: { tessera: "***" }, queue: "ordini" };
    const { desk } = after(...inCall, flows, away, back, connected, flows);
    expect([desk.withBot, desk.call?.slots, desk.flows?.length, desk.turns.length]).toEqual([null, { tessera: "***" }, 1, 1]);
    expect(desk.notice).toEqual({ kind: "returned", reason: "flow" });
  });

  it("also for a page that comes back meanwhile", () => {
    const { desk } = after({ type: "connecting" }, welcome, state("on_call"), { ...away, call: { ...about, slots: {} } });
    expect([desk.phase, desk.withBot, desk.call?.caller]).toEqual(["on_call", "tessera", about.caller]);
  });

  it("or keeps it for good", () => {
    const { desk } = after(...inCall, flows, { type: "ended", call_id: "c1", reason: "given_back" }, state("wrap_up"), work);
    expect([desk.phase, desk.flows, desk.ended]).toEqual(["wrap_up", null, "given_back"]);
  });

  it("or does not take it, and nothing changes but what is said", () => {
    const before = after(...inCall, flows).desk;
    const after_ = heard(before, { type: "to_bot_failed", call_id: "c1", flow: "tessera", reason: "cannot_hear", message: "" }, 0)[0];
    expect({ ...after_, notice: null }).toEqual({ ...before, notice: null });
  });
});

it("a supervisor who listens is told of until they leave or the call ends", () => {
  const listens: FromServer = { type: "monitored", call_id: "c1", mode: "listen", by: "Sara" };
  expect(after(...inCall, listens).desk.monitored).toEqual({ mode: "listen", by: "Sara" });
  expect(after(...inCall, listens, { type: "monitored", call_id: "c1", mode: "", by: "Sara" }).desk.monitored).toBe(null);
  expect(after(...inCall, listens, { type: "ended", call_id: "c1", reason: "caller_hung_up" }).desk.monitored).toBe(null);
});

describe("the work behind a call", () => {
  const ended: FromServer = { type: "ended", call_id: "c1", reason: "caller_hung_up" };

  it("keeps what is being written when the server tells of more time", () => {
    const wrapping = after(...inCall, ended, state("wrap_up"), work).desk;
    const written = done(done(wrapping, { type: "wrap_up", note: "Richiamare lunedì" })[0], { type: "wrap_up", code: "solved" })[0];
    const longer = heard(written, { ...work, ends_in_ms: 240_000, more_ms: 0 }, 5000)[0];
    expect(longer.wrapUp).toMatchObject({ note: "Richiamare lunedì", code: "solved", more_ms: 0, endsAtMs: 245_000 });
    expect(JSON.stringify(done(longer, { type: "done", next: "away" })[1])).toBe('{"type":"wrapped_up","code":"solved","note":"Richiamare lunedì","then":"away"}');
  });

  it("begins with what was written down in the call, also with the last letters of it", () => {
    const writing = after(...inCall, { type: "write", note: "Vuole la fattura" }, { type: "keep_note" });
    expect(writing.told.at(-1)).toEqual({ type: "wrap_up", code: "", note: "Vuole la fattura" });
    const { desk, told } = after(...inCall, { type: "write", note: "Vuole la fattura" }, ended, state("wrap_up"), { ...work, note: "Vuole la fat" });
    expect([desk.wrapUp?.note, told.at(-1)]).toEqual(["Vuole la fattura", { type: "wrap_up", code: "", note: "Vuole la fattura" }]);
  });

  it("that ends by itself says with which code, and the operator is available again", () => {
    const { desk } = after(...inCall, ended, state("wrap_up"), work, { type: "wrapped_up", code: "solved" }, state("available"));
    expect([desk.phase, desk.wrapUp, desk.wanted.state]).toEqual(["idle", null, "available"]);
    expect(desk.notice).toMatchObject({ kind: "wrap_up_over", titles: { it: "Risolto" } });
  });

  it("is cut short by a supervisor, whose reason stays to be read", () => {
    const { desk } = after(...inCall, ended, state("wrap_up"), work, { type: "forced", state: "away", why: "Riunione" }, state("away"));
    expect([desk.phase, desk.wanted.state, desk.notice]).toEqual(["idle", "away", { kind: "forced", state: "away", why: "Riunione" }]);
  });
});

describe("an article that the bot says", () => {
  const say: Deed = { type: "say", article: "orari", version: "v1", language: "it" };
  const saying = (state: "preparing" | "speaking", call_id = "c1"): FromServer => ({ type: "saying", call_id, article: "orari", state });

  it("is asked for with the version that is read, and can be stopped", () => {
    const { desk, told } = after(...inCall, say, saying("preparing"), saying("speaking"), { type: "stop_saying" });
    expect(told.slice(-2)).toEqual([say, { type: "stop_saying" }]);
    expect(sounds(desk)).toBe(true);
    const { desk: over } = after(...inCall, saying("speaking"), { type: "saying", call_id: "c1", article: "orari", state: "over", why: "stopped" });
    expect([sounds(over), over.saying]).toEqual([false, { article: "orari", state: "over", why: "stopped" }]);
  });

  it("is refused with the reason, which is no news of one that sounds", () => {
    const refused: FromServer = { type: "say_failed", call_id: "c1", article: "orari", reason: "on_hold", message: "the caller is on hold" };
    expect(after(...inCall, refused).desk.saying).toEqual({ article: "orari", state: "refused", why: "on_hold", message: "the caller is on hold" });
    expect(after(...inCall, saying("speaking"), { ...refused, reason: "already_saying" }).desk.saying).toEqual({ article: "orari", state: "speaking" });
  });

  it("is of this call, and what the server does not tell again is over", () => {
    expect(after(...inCall, saying("speaking", "c2")).desk.saying).toBeNull();
    const back: (FromServer | Deed)[] = [{ type: "lost", againInS: 1 }, welcome, state("on_call"), connected];
    expect(after(...inCall, saying("speaking"), ...back).desk.saying).toBeNull();
    expect(sounds(after(...inCall, saying("speaking"), ...back, saying("speaking")).desk)).toBe(true);
  });
});

describe("the words", () => {
  const say = (text: string, more: object = {}) => ({ speaker: "caller" as const, text, ...more });
  const texts = (turns: readonly Turn[]) => turns.map((one) => one.text);

  it("replace what was still being said, each once, in the order of ending", () => {
    const all = [
      say("il mio", { is_final: false }),
      { speaker: "operator" as const, text: "Buongio", is_final: false },
      say("il mio ordine", { is_final: false }),
      say("il mio ordine non arriva", { seq: 7 }),
      say("il mio ordine non arriva", { seq: 7 }),
    ].reduce<readonly Turn[]>(added, []);
    expect(texts(all)).toEqual(["il mio ordine non arriva", "Buongio"]);
    expect(lastWordsOf(all, "caller")).toBe("il mio ordine non arriva");
    expect(lastWordsOf(all, "operator")).toBe("");
  });

  it("that come to nothing take back what was shown of them", () => {
    expect([say("ehm", { is_final: false }), say(" ")].reduce<readonly Turn[]>(added, [])).toEqual([]);
  });

  it("each have a key of their own", () => {
    const all = [say("uno"), say("due"), say("tre", { seq: 1 }), say("quattro", { is_final: false })].reduce<readonly Turn[]>(added, []);
    expect(new Set(all.map((one) => one.key)).size).toBe(4);
  });
});

it("looks for what the operator typed, else for what the caller last said", () => {
  expect(asked(" spedizione ", "a che ora aprite")).toBe("spedizione");
  expect(asked(" ", "a che ora aprite")).toBe("a che ora aprite");
  expect(asked("", "eh")).toBe("");
  expect(asked("", "x".repeat(900)).length).toBe(500);
});

describe("WebRTC", () => {
  const ready: FromServer = { type: "webrtc", state: "ready", ice_servers: [] };
  const on: FromServer = { type: "webrtc", state: "on" };
  const off = (why: string): FromServer => ({ type: "webrtc", state: "off", why });
  const tried: Deed = { type: "webrtc_tried", sdp: "v=0" };
  const webrtcAfter = (...events: (FromServer | Deed)[]) => after(...events).desk.webrtc;

  it("is tried once in each call, where the server wants it", () => {
    expect(triesWebrtc(after(...inCall).desk)).toBe(false);
    expect(triesWebrtc(after(ready, ...available).desk)).toBe(false);
    expect(triesWebrtc(after(ready, ...inCall).desk)).toBe(true);
    const { desk, told } = after(ready, ...inCall, tried);
    expect([triesWebrtc(desk), desk.webrtc?.at, told.at(-1)]).toEqual([false, "joining", { type: "webrtc_offer", sdp: "v=0" }]);
    expect(webrtcAfter(ready, ...inCall, tried, on)?.at).toBe("on");
    expect(webrtcAfter(ready, ...inCall, tried, on, off("lost"))).toMatchObject({ at: "off", why: "lost" });
    expect(webrtcAfter(ready, ...inCall, tried, off("failed"), { type: "ended", call_id: "c1", reason: "" })).toMatchObject({ at: "ready", why: "" });
  });

  it("that this page gave up is not taken up again by what the server told before it knew", () => {
    const { desk, told } = after(ready, ...inCall, tried, { type: "webrtc_gone", why: "failed" }, on);
    expect([desk.webrtc?.at, desk.webrtc?.why, told.at(-1)]).toEqual(["off", "failed", { type: "webrtc_end" }]);
  });

  it("is not tried where it is not installed, and what a call that is over leaves is of no other call", () => {
    expect(triesWebrtc(after(off("not_installed"), ...inCall).desk)).toBe(false);
    const over: FromServer = { type: "ended", call_id: "c1", reason: "" };
    expect(webrtcAfter(off("not_installed"), ...inCall, over)).toMatchObject({ at: "off", why: "not_installed" });
    expect(webrtcAfter(ready, ...inCall, tried, on, over, off("lost"))?.at).toBe("ready");
  });

  it("begins anew with a new connection", () => {
    const lost: Deed = { type: "lost", againInS: 1 };
    expect(webrtcAfter(ready, ...inCall, tried, on, lost)).toBeNull();
    expect(webrtcAfter(ready, ...inCall, tried, on, lost, ready)?.at).toBe("ready");
  });

  it("counts the packets of sound that came", () => {
    const stats = new Map([["a", { type: "inbound-rtp", packetsReceived: 7 }], ["b", { type: "outbound-rtp" }], ["c", { type: "inbound-rtp" }]]);
    expect(receivedOf(stats as unknown as RTCStatsReport)).toBe(7);
  });
});
