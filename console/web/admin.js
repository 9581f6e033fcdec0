// The calls: the list, one call with the reason of each answer, and who is to be called back.
import { showCall } from "./admin/one_call.js";
import { element, notice } from "./element.js";
import { get, goSignIn, post } from "./http.js";
import { clock, dateTime, decimal, named, t } from "./language.js";
import { explain, openPage } from "./page.js";

const OUTCOMES = ["answered", "handed_off", "callback", "abandoned", "no_input", "failed"];
const KIND = { answered: "good", handed_off: "accent", callback: "warn", abandoned: "warn", failed: "bad" };
const at = (id) => document.getElementById(id);
const complain = (words) => notice(at("trouble"), "bad", words);
const complainOf = (error) => explain(error, complain);
let me = null;
let titles = new Map();
let before = null;

function outcomeTag(call) {
  if (call.status === "open") return element("span", { class: "tag accent" }, t("admin.ongoing"));
  if (!call.outcome) return element("span", { class: "tag" }, named("end", call.end_reason) || "–");
  return element("span", { class: `tag ${KIND[call.outcome] ?? ""}` }, named("outcome", call.outcome));
}

function row(call) {
  const cell = (key, value, kind = null) => element("td", { class: kind, "data-label": t(key) }, value);
  const current = location.hash === `#${call.id}`;
  return element(
    "tr",
    { "data-id": call.id },
    cell("admin.when", element("a", { href: `#${call.id}`, "aria-current": current ? "true" : null }, dateTime.format(new Date(call.started_at)))),
    cell("admin.line", titles.get(call.line) ?? call.line, "detail"),
    cell("admin.caller", call.caller || t("desk.withheld"), "long"),
    cell("admin.outcome", outcomeTag(call)),
    cell("admin.operator", call.operator_name, "detail"),
    cell("admin.duration", call.duration_ms === null ? "" : clock(call.duration_ms), "number"),
    cell("admin.latency", call.latency_ms === null ? "" : `${decimal(call.latency_ms / 1000, 2)} s`, "number detail"),
  );
}

async function list(more = false) {
  const form = at("filters");
  const query = new URLSearchParams({ limit: "50" });
  for (const name of ["line", "outcome"]) if (form.elements[name].value) query.set(name, form.elements[name].value);
  if (more && before) query.set("before", before);
  const page = await get(`/api/interactions?${query}`);
  before = page.before;
  if (!more) at("rows").replaceChildren();
  at("rows").append(...page.interactions.map(row));
  const empty = at("rows").children.length === 0;
  at("table").hidden = empty;
  at("none").hidden = !empty;
  at("none").textContent = t(query.has("line") || query.has("outcome") ? "admin.none_filtered" : "admin.none");
  at("more").hidden = before === null;
}

async function callbacks() {
  const open = await get("/api/callbacks");
  at("callbacks-box").hidden = open.length === 0;
  at("callbacks-count").textContent = String(open.length);
  at("callbacks").replaceChildren(...open.map(callbackRow));
}

function callbackRow(one) {
  const number = one.number || t("desk.withheld");
  const slots = Object.entries(one.slots).map(([name, value]) => `${name}: ${value}`);
  const about = [t("admin.since", { when: dateTime.format(new Date(one.requested_at)) }), one.queue, named("handoff", one.reason), ...slots];
  const done = async () => {
    try {
      await post(`/api/callbacks/${encodeURIComponent(one.interaction_id)}/${one.seq}/done`);
    } catch (error) {
      complainOf(error);
    }
    await callbacks();
  };
  return element(
    "li",
    {},
    element("span", {}, element("strong", {}, number), " ", element("span", { class: "small quiet" }, about.filter(Boolean).join(" · "))),
    element("span", { class: "row" }, element("a", { class: "button slim", href: `#${one.interaction_id}` }, t("admin.open_call")), element("button", { class: "slim", "aria-label": t("desk.done_label", { number }), onclick: done }, t("desk.done"))),
  );
}

async function openChosen() {
  const id = decodeURIComponent(location.hash.slice(1));
  for (const link of at("rows").querySelectorAll("a")) {
    if (link.hash === location.hash && id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  complain("");
  await showCall(at("one"), id, { me, titles, outcomeTag, close });
}

// Leaves the focus where the call was opened.
function close() {
  const link = [...at("rows").querySelectorAll("a")].find((one) => one.hash === location.hash);
  location.hash = "";
  link?.focus();
}

const tell = (work) => () => work().catch(complainOf);
at("filters").addEventListener("submit", (event) => event.preventDefault());
at("filters").addEventListener("change", tell(() => list()));
at("refresh").addEventListener("click", tell(() => Promise.all([list(), callbacks()])));
at("more").addEventListener("click", tell(() => list(true)));
addEventListener("hashchange", tell(openChosen));

try {
  me = await openPage();
  if (!me) goSignIn();
  else {
    const lines = await get("/api/lines");
    titles = new Map(lines.map((line) => [line.id, line.title]));
    at("filters").elements.line.append(element("option", { value: "" }, t("admin.all")), ...lines.map((line) => element("option", { value: line.id }, line.title)));
    at("filters").elements.outcome.append(element("option", { value: "" }, t("admin.all_outcomes")), ...OUTCOMES.map((name) => element("option", { value: name }, named("outcome", name))));
    await Promise.all([list(), callbacks()]);
    await openChosen();
  }
} catch (error) {
  complainOf(error);
}
