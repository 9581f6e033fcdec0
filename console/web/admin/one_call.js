// One call: its facts, and its transcript with the reason of each answer. Follows a call that is still going on.
import { element, facts } from "../element.js";
import { get } from "../http.js";
import { clock, dateTime, decimal, named, percent, t } from "../language.js";
import { turn } from "../transcript.js";

const FOLLOW_EVERY_MS = 2000;
let shown = 0; // which opening is the current one; an answer for an earlier one is dropped

/** Shows call `id` in the section `where`; '' closes it. Throws ApiError. */
export async function showCall(where, id, { me, titles, outcomeTag, close }) {
  const mine = ++shown;
  where.hidden = !id;
  if (!id) return;
  const path = `/api/interactions/${encodeURIComponent(id)}`;
  let detail;
  try {
    detail = await get(path);
  } catch (error) {
    if (mine === shown) where.hidden = true;
    throw error;
  }
  if (mine !== shown) return;
  draw(where, detail, { me, titles, outcomeTag, close, path });
  where.focus({ preventScroll: matchMedia("(min-width: 1081px)").matches });
  follow();

  async function follow() {
    while (detail.interaction.status === "open") {
      await new Promise((wake) => setTimeout(wake, FOLLOW_EVERY_MS));
      if (mine !== shown) return;
      const news = await get(`${path}/events?after=${detail.interaction.last_seq}`).catch((error) => (error.words ? [] : Promise.reject(error)));
      if (!news.length || mine !== shown) continue;
      detail = await get(path);
      if (mine !== shown) return;
      draw(where, detail, { me, titles, outcomeTag, close, path });
    }
  }
}

function draw(where, { interaction: call, transcript, recordings = [] }, { me, titles, outcomeTag, close, path }) {
  const opened = new Set([...where.querySelectorAll("details[open]")].map((details) => details.dataset.seq));
  const buttons = [element("button", { class: "slim", onclick: close }, t("admin.close"))];
  if (me.roles.includes("privacy-officer")) buttons.unshift(element("a", { class: "button slim", href: `${path}/export`, download: "" }, t("admin.export")));
  where.replaceChildren(
    element("div", { class: "row between" }, element("h2", { id: "one-title" }, t("admin.call_of", { when: dateTime.format(new Date(call.started_at)) })), element("span", { class: "row" }, buttons)),
    facts([
      [t("admin.outcome"), outcomeTag(call)],
      [t("admin.line"), titles.get(call.line) ?? call.line],
      [t("admin.caller"), call.caller || t("desk.withheld")],
      [t("admin.operator"), call.operator_name],
      [t("desk.queue"), call.queue],
      [t("desk.language"), named("language", call.language)],
      [t("admin.recognizer"), call.recognizer],
      [t("admin.door"), named("door", call.door)],
      [t("admin.duration"), call.duration_ms === null ? "" : clock(call.duration_ms)],
      [t("admin.end_reason"), call.end_reason && named("end", call.end_reason)],
    ]),
    ...recordings.map((recording) => player(recording, `${path}/recordings/${recording.seq}`)),
    transcript.length
      ? element("ol", { class: "transcript", "aria-label": t("words.title") }, transcript.map((said) => turnOf(said, opened)))
      : element("p", { class: "empty" }, t("admin.no_words")),
  );
}

function player({ started_ms, duration_ms, deleted_at }, address) {
  if (deleted_at) return element("p", { class: "small quiet" }, t("admin.recording_deleted"));
  const about = t("admin.recording", { from: clock(started_ms), length: clock(duration_ms) });
  return element(
    "div",
    { class: "row recording" },
    element("audio", { controls: true, preload: "none", src: address, "aria-label": about }),
    element("a", { class: "button slim", href: `${address}?download=1`, download: "" }, t("admin.download")),
    element("span", { class: "small quiet" }, about),
  );
}

function turnOf(said, opened) {
  const notes = [];
  if (said.speaker === "caller" && said.confidence !== null) notes.push(t("admin.heard", { n: percent(said.confidence) }));
  if (said.latency_ms !== null) notes.push(t("admin.waited", { s: `${decimal(said.latency_ms / 1000, 2)} s` }));
  if (said.interrupted) notes.push(t("admin.interrupted"));
  const more = said.heard ? [element("p", { class: "heard", title: t("admin.corrected_help") }, t("admin.corrected", { text: said.heard }))] : [];
  if (said.why) more.push(why(said, opened));
  return turn({ speaker: said.speaker, text: said.text, atMs: said.start_ms, notes, more });
}

function why({ seq, why: reason }, opened) {
  const rivals = reason.rivals.map((rival) => `${rival.title || rival.article} (${decimal(rival.score, 2)})`);
  const score = reason.score === null ? "" : ` · ${decimal(reason.score, 2)}`;
  return element(
    "details",
    { "data-seq": seq, open: opened.has(String(seq)) },
    element("summary", {}, `${t("admin.why")}: ${reason.title || reason.article}${score}`),
    facts([
      [t("admin.article"), [reason.article, reason.version && `v. ${reason.version}`].filter(Boolean).join(", ")],
      [t("admin.score"), reason.score === null ? "" : decimal(reason.score, 3)],
      [t("admin.band"), reason.band && named("band", reason.band)],
      [t("admin.asked"), reason.asked && `«${reason.asked}»`],
      [t("admin.confidence"), reason.confidence === null ? "" : percent(reason.confidence)],
      [t("admin.rivals"), rivals.join("; ")],
    ]),
  );
}
