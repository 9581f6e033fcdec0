import { expect, test } from "vitest";
import { after, BEGINNING, type FromServer, type Heard } from "./listening";

const said = (speaker: string, text: string, at_ms: number, is_final: boolean): FromServer => ({ type: "transcript", speaker, text, at_ms, is_final });
const all = (...messages: FromServer[]): Heard => messages.reduce(after, BEGINNING);

test("what is still being recognised stands last and is replaced by what was said", () => {
  const before = all(said("bot", "Buongiorno", 100, true), said("caller", "vorr", 900, false), said("operator", "sì", 950, false), said("caller", "vorrei", 900, false));
  expect(before.turns.map((one) => one.text)).toEqual(["Buongiorno", "sì", "vorrei"]);
  expect(after(before, said("caller", "Vorrei un libro", 900, true)).turns.map((one) => one.text)).toEqual(["Buongiorno", "Vorrei un libro", "sì"]);
});

test("the mode is the one that the server says", () => {
  const heard = all({ type: "mode", mode: "listen" }, { type: "mode", mode: "barge" }, { type: "error", code: "history_unavailable" }, { type: "mode", mode: "listen" });
  expect([heard.mode, heard.trouble, heard.over]).toEqual(["listen", "history_unavailable", null]);
});
