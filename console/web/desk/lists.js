// The two lists beside the call: who waits now, and who is to be called back.
import { element } from "../element.js";
import { get, post } from "../http.js";
import { clock, dateTime, named, t } from "../language.js";

const at = (id) => document.getElementById(id);

/** Who waits, as the server tells it several times a second: rows are kept and only their texts change. */
export class Waiting {
  #rows = new Map();

  show(calls) {
    const keep = new Set(calls.map((call) => call.call_id));
    for (const [id, row] of this.#rows) {
      if (keep.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    calls.forEach((call, index) => {
      let row = this.#rows.get(call.call_id);
      if (!row) {
        row = element("li", {}, element("span", { class: "place" }), element("span", { class: "since" }), element("span", { class: "wide" }), element("span", { class: "wide small quiet" }));
        this.#rows.set(call.call_id, row);
      }
      const texts = [
        t("desk.place", { n: call.place, queue: call.queue }),
        clock(call.since_ms_ago),
        call.caller || t("desk.withheld"),
        [call.line, named("language", call.language), named("handoff", call.reason)].filter(Boolean).join(" · "),
      ];
      texts.forEach((text, n) => row.children[n].textContent === text || (row.children[n].textContent = text));
      if (at("waiting").children[index] !== row) at("waiting").insertBefore(row, at("waiting").children[index] ?? null);
    });
    at("nobody").hidden = calls.length > 0;
    at("nobody").textContent = t("desk.nobody_waits");
    count("waiting-count", calls.length);
  }

  /** Unknown while not connected. */
  forget() {
    this.show([]);
    at("nobody").textContent = t("desk.nobody_waits_offline");
  }
}

/** Loads who is to be called back; complain(error) when that fails. */
export async function showCallbacks(complain) {
  try {
    const callbacks = await get("/api/callbacks");
    at("callbacks").replaceChildren(...callbacks.map((one) => callbackRow(one, complain)));
    at("no-callbacks").hidden = callbacks.length > 0;
    count("callbacks-count", callbacks.length);
  } catch (error) {
    complain(error);
  }
}

function callbackRow(one, complain) {
  const number = one.number || t("desk.withheld");
  const button = (deed) => {
    const does = async () => {
      try {
        await post(`/api/callbacks/${encodeURIComponent(one.interaction_id)}/${one.seq}/${deed}`);
      } catch (error) {
        if (error.status !== 409) return complain(error); // somebody was faster: the list shows who
      }
      await showCallbacks(complain);
    };
    const word = deed.replace("-", "_");
    return element("button", { class: "slim", "aria-label": t(`desk.${word}_label`, { number }), onclick: does }, t(`desk.${word}`));
  };
  const slots = Object.entries(one.slots).map(([name, value]) => `${name}: ${value}`);
  return element(
    "li",
    {},
    element("a", { href: `/admin#${one.interaction_id}` }, number),
    element("span", { class: "row" }, ...deedsOn(one).map(button)),
    element("span", { class: "wide small", "data-status": one.status }, statusOf(one)),
    element("span", { class: "wide small quiet" }, [dateTime.format(new Date(one.requested_at)), one.queue, named("handoff", one.reason), ...slots].filter(Boolean).join(" · ")),
  );
}

/** What this operator can do about it. */
function deedsOn(one) {
  if (one.status === "calling") return [];
  if (one.mine) return ["give-back", "done"];
  return one.status === "waiting" || one.status === "failed" ? ["take", "done"] : one.status === "in_queue" ? ["done"] : [];
}

function statusOf(one) {
  if (one.mine) return t("desk.callback.mine");
  const tried = one.tried ? t("desk.callback.tried", { n: one.tried, outcome: named("tried", one.outcome) }) : "";
  return [t(`desk.callback.${one.status}`, { name: one.holder_name }), tried].filter(Boolean).join(" · ");
}

function count(id, number) {
  at(id).hidden = number === 0;
  at(id).textContent = String(number);
}
