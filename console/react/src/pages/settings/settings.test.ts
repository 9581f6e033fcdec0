import { expect, it } from "vitest";
import { ApiError } from "../../api/errors";
import { daysOf, fieldsOf, isNumber, type Line, newLine, problemsOf, same, withChannel } from "./settings";

const LINE: Line = {
  id: "uno", title: "Libreria", number: "+390510000001", language: "it", recognizer: "auto", voice_engine: "pyttsx3", voice: "", human_number: "",
  words: ["Adelphi"], hours: null, recording: "after_notice", recordings_kept_days: 90, flowbook: "flowbook.yaml", languages: ["it"], flows: ["inizio"], more: ["turns"],
};

it("sends of a line what may be edited, and nothing else", () => {
  expect(Object.keys(fieldsOf(LINE)).sort()).toEqual(["hours", "human_number", "language", "number", "recognizer", "recording", "recordings_kept_days", "title", "voice", "voice_engine", "words"]);
});

it("begins a new line like another one, without what is its own", () => {
  expect(newLine(LINE)).toMatchObject({ id: "", number: "", language: "it", recognizer: "auto", words: [], recording: "off", flows: ["inizio"] });
});

it("puts what is wrong at its field, the rest beside", () => {
  const error = new ApiError(422, "settings_refused", "", 0, [
    { field: "words.3", message: "too long" },
    { field: "words.4", message: "too long as well" },
    { field: "hours.forward", message: "no number" },
    { field: "", message: "line 'due': another line" },
  ]);
  expect(problemsOf(error, ["words", "hours.forward", "hours"])).toEqual({ at: { words: "too long", "hours.forward": "no number" }, others: ["line 'due': another line"] });
  expect(problemsOf(new Error("broken"), ["words"])).toEqual({ at: {}, others: [] });
});

it("knows whether something was changed", () => {
  expect(same({ a: 1, b: [1, { c: null, d: "" }] }, { b: [1, { d: "", c: null }], a: 1 })).toBe(true);
  expect(same({ words: ["a", "b"] }, { words: ["b", "a"] })).toBe(false);
});

it("takes numbers as they are dialled", () => {
  expect(["", "+390510000001"].every(isNumber)).toBe(true);
  expect(["051 000", "+39 051", "390510000001", "+39"].some(isNumber)).toBe(false);
});

it("keeps for ever what has no number of days", () => {
  expect([daysOf(""), daysOf("30"), daysOf(30)]).toEqual([null, 30, 30]);
  const usual = { audio_days: 90, transcript_days: null, facts_days: null, channels: {} };
  const email = { audio_days: null, transcript_days: 730, facts_days: null };
  const one = withChannel(usual, "email", email);
  expect(one.channels).toEqual({ email });
  expect(withChannel(one, "email", null).channels).toEqual({});
  expect(usual.channels).toEqual({});
});
