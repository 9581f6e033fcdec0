// Beside the caller: a third person asked to join, the caller on hold, keys pressed towards them.
import { t } from "../language.js";

const at = (id) => document.getElementById(id);

export class Others {
  constructor(tell) {
    this.tell = tell;
    this.held = false;
    this.there = new Set();
    at("invite").addEventListener("click", () => this.#ask());
    at("hold").addEventListener("click", () => tell({ type: "hold", held: !this.held }));
    at("keys").addEventListener("submit", (event) => {
      event.preventDefault();
      const keys = at("keys-typed").value;
      at("keys-typed").value = "";
      if (keys) tell({ type: "keys", keys });
    });
    at("guests").addEventListener("change", () => this.#name());
  }

  /** titles: whom the settings let operators bring in, by name. */
  destinations(titles) {
    const options = Object.entries(titles).map(([name, title]) => new Option(title, name));
    at("guests").replaceChildren(...options);
    at("inviting").hidden = options.length === 0;
    this.#name();
  }

  show(talking) {
    at("others").hidden = !talking;
    if (talking) return;
    this.there.clear();
    this.hold(false);
    at("guest-news").textContent = "";
    this.#name();
  }

  hold(held) {
    this.held = held;
    at("hold").textContent = t(held ? "desk.unhold" : "desk.hold");
    at("hold").setAttribute("aria-pressed", String(held));
  }

  guest({ to, state, reason }) {
    if (state === "failed" || state === "left") this.there.delete(to);
    else this.there.add(to);
    const title = [...at("guests").options].find((option) => option.value === to)?.text ?? to;
    at("guest-news").textContent = t(`desk.guest_${state}`, { who: title, why: reason ?? "" });
    this.#name();
  }

  #ask() {
    const to = at("guests").value;
    this.tell({ type: this.there.has(to) ? "dismiss" : "invite", to });
  }

  #name() {
    at("invite").textContent = t(this.there.has(at("guests").value) ? "desk.dismiss" : "desk.invite");
  }
}
