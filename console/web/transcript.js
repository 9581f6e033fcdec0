// A list of what was said that grows while it is being said.
import { element } from "./element.js";
import { clock, t } from "./language.js";

function turn({ speaker, text, atMs, partial, own }) {
  const who = ["caller", "bot", "operator"].includes(speaker) ? speaker : "bot";
  return element(
    "li",
    { class: `turn ${who}${partial ? " partial" : ""}`, "aria-live": partial ? "off" : null },
    element("header", {}, element("strong", {}, t(own === who ? "speaker.you" : `speaker.${who}`)), atMs === null ? null : element("time", {}, clock(atMs))),
    element("p", {}, text),
  );
}

/** Keeps a list element in step with transcript messages. own: the speaker shown as "you". */
export class LiveTranscript {
  #list;
  #own;
  #partials = new Map();
  #seen = new Set();

  constructor(list, own) {
    this.#list = list;
    this.#own = own;
  }

  clear() {
    this.#partials.clear();
    this.#seen.clear();
    this.#list.replaceChildren();
  }

  /** message: { speaker, text, at_ms, is_final, seq? }. A partial replaces the speaker's last one; a final ends it. */
  add(message) {
    if (message.seq !== undefined && message.is_final !== false) {
      if (this.#seen.has(message.seq)) return;
      this.#seen.add(message.seq);
    }
    const partial = message.is_final === false;
    const stay = this.#atEnd();
    this.#partials.get(message.speaker)?.remove();
    this.#partials.delete(message.speaker);
    if (!message.text.trim()) return;
    const made = turn({ speaker: message.speaker, text: message.text, atMs: message.at_ms ?? null, partial, own: this.#own });
    if (partial) {
      this.#partials.set(message.speaker, made);
      this.#list.append(made);
    } else {
      // Finals go before what is still being said, so that the list stays in order of ending.
      this.#list.insertBefore(made, this.#partials.values().next().value ?? null);
    }
    if (stay) this.scrollToEnd();
  }

  scrollToEnd() {
    const box = this.#box();
    box.scrollTop = box.scrollHeight;
  }

  // Follows the words only for who reads at the end; who scrolled back stays where they read.
  #atEnd() {
    const box = this.#box();
    return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  }

  #box() {
    return this.#list.closest("[data-scrolls]") ?? this.#list;
  }
}
