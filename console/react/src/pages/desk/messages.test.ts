import { describe, expect, it } from "vitest";
import { attempt, type Draft, freshId, messagesOf, smsLength, textOf } from "./messages";

describe("how many SMS a text takes", () => {
  it.each([
    ["", 0, ""],
    ["a".repeat(160), 1, ""],
    ["a".repeat(161), 2, ""],
    ["a".repeat(306), 2, ""],
    ["a".repeat(307), 3, ""],
    ["àèéìòù\n".repeat(20), 1, ""],
    ["€".repeat(80), 1, ""],
    ["€".repeat(81), 2, ""],
    [`${"a".repeat(152)}€${"a".repeat(152)}`, 3, ""], // the euro is not cut in two, nor fits what follows it
    ["è l’ora", 1, "’"],
    [`È${"a".repeat(69)}`, 1, "È"],
    [`È${"a".repeat(70)}`, 2, "È"],
    ["🙂".repeat(35), 1, "🙂"],
    ["🙂".repeat(67), 3, "🙂"], // 33 a part: one of them is not cut in two
    ["안".repeat(135), 3, "안"],
  ])("%j: %i", (text, parts, odd) => {
    expect(smsLength(text)).toEqual({ parts, odd });
  });
});

const draft: Draft = { channel: "sms", to: "+393331112222", subject: "", text: "A domani." };

describe("an attempt", () => {
  it("has the id of the one before only where nothing was changed", () => {
    let made = 0;
    const fresh = () => `id-${++made}`;
    const first = attempt(draft, null, fresh);
    expect(attempt(draft, first, fresh).id).toBe("id-1");
    expect(attempt({ ...draft, text: "A dopodomani." }, first, fresh).id).toBe("id-2");
    expect(attempt({ ...draft, to: "+393339990000" }, first, fresh).id).toBe("id-3");
  });
  it("has an id that the server takes, and no other's", () => {
    expect(freshId()).toMatch(/^[0-9a-f]{32}$/);
    expect(freshId()).not.toBe(freshId());
  });
});

describe("an article", () => {
  const article = { title: "le spedizioni", spoken: "In <break time='300ms'/> due giorni.", more: "All'estero in cinque.", link: "" };
  it("is sent as its address, in the flowbook's words", () => {
    expect(textOf({ ...article, link: "https://x.example/$&" }, "Libreria, {title}: {link}")).toBe("Libreria, le spedizioni: https://x.example/$&");
    expect(textOf({ ...article, link: "https://x.example" }, "")).toBe("le spedizioni: https://x.example");
  });
  it("is sent in its own words without one", () => {
    expect(textOf(article, "Libreria, {title}: {link}")).toBe("In due giorni.\nAll'estero in cinque.");
  });
});

describe("the messages of a call", () => {
  const event = (seq: number, type: string, payload: Record<string, unknown>) => ({ seq, type, payload });
  const told = { channel: "sms", to: "+39333", text: "A domani." };
  it("are each shown once, as they were last told", () => {
    const found = messagesOf([
      event(3, "message.sent", told),
      event(5, "message.asked", { ...told, id: "a" }),
      event(6, "message.failed", { ...told, id: "a", error: "status 503" }),
      event(7, "message.asked", { ...told, id: "b" }),
      event(8, "message.sent", { ...told, id: "a", error: "" }),
      event(9, "message.sent", { emptied: "words" }),
      event(10, "transcript", { text: "A domani." }),
    ]);
    expect(found.map((one) => [one.seq, one.state, one.why])).toEqual([
      [3, "sent", ""],
      [5, "sent", ""],
      [7, "asked", ""],
    ]);
  });
});
