// The operator's desk: joins the socket, the sound, the ring and the panels.
import { closeMicrophone, MicrophoneError, openMicrophone, openSound } from "./audio/sound.js";
import { CallPanel } from "./desk/call_panel.js";
import { DeskLink } from "./desk/link.js";
import { showCallbacks, Waiting } from "./desk/lists.js";
import { Others } from "./desk/others.js";
import { ownSoftphone } from "./desk/one_tab.js";
import { allowRinging, ring, stopRinging } from "./desk/ring.js";
import { notice } from "./element.js";
import { get, goSignIn } from "./http.js";
import { t } from "./language.js";
import { explain, openPage } from "./page.js";

const CALLBACKS_EVERY_MS = 30_000;
const LIVE_MOST_MS = 400; // a live voice later than this is cut back to the jitter buffer

const at = (id) => document.getElementById(id);
const panel = new CallPanel();
const waiting = new Waiting();
const others = new Others((message) => link?.tell(message));
let link = null;
let sound = null;
let opening = null;
let state = "offline";
let wanted = "away"; // what the operator chose, to be told again after a reconnection
let joining = false; // between the server's welcome and the first state it tells
let muted = false;
let recording = "off";
let titles = new Map();

const named = (call) => ({ ...call, line: titles.get(call.line) ?? call.line });
const complain = (words, kind = "bad") => notice(at("trouble"), kind, words);
const complainOf = (error) => explain(error, complain);

function show(next) {
  state = next;
  at("state").dataset.state = state;
  at("state").textContent = t(`desk.state.${state}`);
  at("available").hidden = state !== "away";
  at("away").hidden = state !== "available";
  if (state === "away" || state === "available") panel.idle(t(`desk.idle_${state}`));
}

const hear = {
  welcome({ operator }) {
    notice(at("link"), "info", "");
    at("queues").textContent = t("desk.queues", { queues: operator.queues.join(", ") || t("desk.all_queues") });
    panel.forgetWords();
    joining = true;
  },
  state(message) {
    show(message.state);
    // After a reconnection the server knows an idle operator no more: say again what they chose.
    if (joining && state === "away" && wanted === "available") link.tell({ type: "available" });
    joining = false;
    if (state !== "offered") stopRinging();
    // A seat that a call waits in comes back wrapped up or free when the call ended meanwhile.
    if (state !== "on_call") closeSound();
    others.show(state === "on_call");
    if (state === "wrap_up" && panel.phase !== "wrap_up") panel.ended("");
    if (state === "on_call" && panel.phase === "offered") panel.joining();
  },
  waiting: ({ calls }) => waiting.show(calls.map(named)),
  offer(offer) {
    if (offer.kind === "callback") complain(t("desk.call_back_offered"), "info");
    else complain("");
    panel.offer(named(offer));
    ring(t("desk.notice_text", { caller: offer.caller || t("desk.withheld"), queue: offer.queue }));
  },
  offer_gone({ offer, why }) {
    if (panel.call?.offer !== offer || panel.phase === "on_call") return;
    stopRinging();
    if (why === "timed_out") wanted = "away";
    panel.idle(t(`desk.idle_${wanted}`));
    complain(t(`gone.${why}`), why === "timed_out" ? "warn" : "info");
  },
  connected({ call_id, call_back }) {
    panel.connected(call_id);
    // A caller who kept the place without the line: the operator calls, with a phone of their own, and hangs up here.
    if (call_back) complain(t("desk.call_back_now", { number: call_back }), "info");
    else talk();
  },
  recording: ({ state }) => showRecording(state),
  transcript: (message) => panel.transcript(message),
  ended({ call_id, reason }) {
    if (panel.call?.call_id !== call_id) return;
    closeSound();
    panel.ended(reason);
    showCallbacks(complainOf);
  },
  destinations: ({ titles: named }) => others.destinations(named),
  guest: (message) => others.guest(message),
  held: ({ held }) => others.hold(held),
  draining({ within_s }) {
    complain(t("desk.draining", { n: Math.ceil(within_s) }), "warn");
  },
  error: ({ message }) => complain(message),
};

async function talk() {
  if (sound || opening) return;
  setMuted(false);
  opening = openSound({ onFrame: (pcm) => link.sound(pcm), onLost: () => complain(t("mic.lost")), onBlocked: () => complain(t("mic.click"), "warn"), mostMs: LIVE_MOST_MS });
  try {
    const opened = await opening;
    if (panel.phase === "on_call") sound = opened;
    else await opened.close();
  } catch (error) {
    if (!(error instanceof MicrophoneError)) throw error;
    complain(`${t("desk.mic_off")} ${t(`mic.${error.code}`, { detail: error.detail })}`);
  } finally {
    opening = null;
  }
}

function closeSound() {
  sound?.close();
  sound = null;
}

function setMuted(wish) {
  muted = wish;
  sound?.mute(muted);
  at("mute").classList.toggle("on", muted);
  at("mute").textContent = t(muted ? "desk.unmute" : "desk.mute");
}

/** state: off, on, paused or failed (the disk ended it). Pausing also keeps what is said out of the transcript, recorded or not. */
function showRecording(state) {
  recording = state;
  at("record").classList.toggle("on", state === "paused");
  at("record").textContent = t(state === "paused" ? "desk.resume_recording" : "desk.pause_recording");
  at("recording").textContent = t(`desk.recording.${state}`);
}

async function becomeAvailable() {
  complain("");
  try {
    // Asked now, so that no permission window stands between an answered call and the caller.
    closeMicrophone(await openMicrophone());
  } catch (error) {
    if (!(error instanceof MicrophoneError)) throw error;
    return complain(t(`mic.${error.code}`, { detail: error.detail }));
  }
  await allowRinging();
  wanted = "available";
  link.tell({ type: "available" });
}

function away() {
  wanted = "away";
  link.tell({ type: "away" });
}

function wrapUp(next) {
  wanted = next;
  link.tell({ type: next === "away" ? "away" : "wrapped_up" });
}

function answer(type) {
  if (panel.phase !== "offered") return;
  stopRinging();
  link.tell({ type, offer: panel.call.offer });
  if (type === "accept") panel.joining();
}

async function sit(steal) {
  at("use-this").hidden = true;
  const mine = await ownSoftphone({ steal, onTaken: () => leave("desk.moved") });
  if (!mine) return leave("desk.other_tab");
  notice(at("link"), "info", t("desk.connecting"));
  link = new DeskLink({
    message: (message) => hear[message.type]?.(message),
    sound: (pcm) => sound?.play(pcm),
    waiting(seconds) {
      waiting.forget();
      if (panel.phase === "offered") panel.idle("");
      stopRinging();
      show("offline");
      notice(at("link"), "warn", t("desk.reconnecting", { s: seconds }));
    },
    replaced: () => leave("desk.moved"),
    refused: (error) => (error.status === 401 ? goSignIn() : complainOf(error)),
  });
  link.connect();
}

/** This tab has no softphone (any more). */
function leave(why) {
  link?.close();
  link = null;
  stopRinging();
  closeSound();
  waiting.forget();
  panel.idle("");
  show("offline");
  notice(at("link"), "warn", t(why));
  at("use-this").hidden = false;
}

at("available").addEventListener("click", becomeAvailable);
at("away").addEventListener("click", away);
at("use-this").addEventListener("click", () => sit(true));
at("accept").addEventListener("click", () => answer("accept"));
at("decline").addEventListener("click", () => answer("decline"));
at("mute").addEventListener("click", () => setMuted(!muted));
at("record").addEventListener("click", () => link?.tell({ type: "recording", wanted: recording === "paused" ? "resume" : "pause" }));
at("hang-up").addEventListener("click", () => link?.tell({ type: "hangup" }));
at("wrapped-up").addEventListener("click", () => wrapUp("available"));
at("wrapped-up-away").addEventListener("click", () => wrapUp("away"));
document.addEventListener("keydown", (event) => {
  // Enter answers wherever the focus is, unless it is on another control that Enter works.
  if (event.key === "Enter" && panel.phase === "offered" && !event.target.closest("a, button, input, select")) answer("accept");
});
addEventListener("beforeunload", (event) => panel.phase === "on_call" && event.preventDefault());

try {
  show("offline");
  const me = await openPage();
  if (!me) goSignIn();
  else {
    panel.idle("");
    titles = new Map((await get("/api/lines")).map((line) => [line.id, line.title]));
    await sit(false);
    showCallbacks(complainOf);
    setInterval(() => showCallbacks(complainOf), CALLBACKS_EVERY_MS);
  }
} catch (error) {
  complainOf(error);
}
