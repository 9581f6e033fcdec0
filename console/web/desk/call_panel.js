// The call on the desk: first offered, then talked with, then wrapped up. Shows; decides nothing.
import { element, facts } from "../element.js";
import { clock, named, t } from "../language.js";
import { LiveTranscript } from "../transcript.js";

const at = (id) => document.getElementById(id);
const PARTS = ["head", "words-box", "about"];
const BUTTONS = { offered: ["accept", "decline"], joining: [], on_call: ["mute", "record", "hang-up"], wrap_up: ["wrapped-up", "wrapped-up-away"], idle: [] };

export class CallPanel {
  #transcript = new LiveTranscript(at("words"), "operator");
  #phase = "idle";
  #call = null;
  #since = 0;
  #expiresAt = 0;
  #expiresInMs = 1;

  constructor() {
    setInterval(() => this.#tick(), 250);
  }

  get call() {
    return this.#call;
  }

  get phase() {
    return this.#phase;
  }

  /** An offer rings. Focus goes to the answer button, so that Enter answers. */
  offer(offer) {
    this.#call = offer;
    this.#transcript.clear();
    for (const turn of offer.transcript) this.#transcript.add(turn);
    this.#expiresInMs = offer.expires_in_ms;
    this.#expiresAt = performance.now() + offer.expires_in_ms;
    this.#describe(offer);
    this.#show("offered", t("desk.offer", { caller: this.#caller() }));
    at("accept").focus();
    this.#transcript.scrollToEnd();
  }

  joining() {
    this.#show("joining", t("desk.joining"));
  }

  /** The voices are joined. A call that this page was not offered (after a reload) starts with nothing known of it. */
  connected(callId) {
    if (this.#call?.call_id !== callId) {
      this.#call = { call_id: callId };
      this.#transcript.clear();
      this.#describe({});
    }
    if (this.#phase !== "on_call") this.#since = performance.now();
    this.#show("on_call", t("desk.talking", { caller: this.#caller() }));
    at("words-box").focus(); // on no button: one more Enter must not hang up
  }

  transcript(message) {
    if (message.call_id === this.#call?.call_id) this.#transcript.add(message);
  }

  /** The server will tell the whole transcript again. */
  forgetWords() {
    this.#transcript.clear();
  }

  ended(reason) {
    this.#since = 0;
    const why = reason ? named("end", reason) : "";
    this.#show("wrap_up", t("desk.ended"));
    at("call-sub").textContent = [why, t("desk.wrap_up_hint")].filter(Boolean).join(". ");
    at("words-box").focus();
  }

  idle(text) {
    this.#call = null;
    this.#since = 0;
    this.#show("idle", "");
    at("nothing-text").textContent = text;
  }

  #show(phase, title) {
    this.#phase = phase;
    at("call").dataset.phase = phase;
    at("nothing").hidden = phase !== "idle";
    for (const part of PARTS) at(part).hidden = phase === "idle";
    if (phase !== "on_call") at("recording").textContent = "";
    for (const button of Object.values(BUTTONS).flat()) at(button).hidden = !BUTTONS[phase].includes(button);
    at("countdown").hidden = phase !== "offered";
    at("call-title").textContent = title;
    at("announce").textContent = title; // a heading that appears is not read out by itself
    this.#tick();
  }

  #caller() {
    return this.#call?.caller || t("desk.withheld");
  }

  #tick() {
    if (this.#phase === "offered") {
      const left = Math.max(0, this.#expiresAt - performance.now());
      at("countdown").value = left / this.#expiresInMs;
      at("call-sub").textContent = [named("handoff", this.#call.reason), clock(left + 999)].filter(Boolean).join(" · ");
    } else if (this.#phase === "on_call") {
      at("call-sub").textContent = clock(performance.now() - this.#since);
    } else if (this.#phase === "joining") at("call-sub").textContent = "";
  }

  #describe({ line, queue, language, caller, reason, slots = {} }) {
    const collected = Object.entries(slots);
    at("about").replaceChildren(
      element("h2", {}, t("desk.about")),
      facts([
        [t("desk.why"), reason && named("handoff", reason)],
        [t("desk.caller"), caller || t("desk.withheld")],
        [t("desk.queue"), queue],
        [t("desk.line"), line],
        [t("desk.language"), language && named("language", language)],
      ]),
      element("h2", {}, t("desk.slots")),
      collected.length ? facts(collected) : element("p", { class: "small quiet" }, t("desk.no_slots")),
    );
  }
}
