import { expect, test } from "vitest";
import { together } from "./aloud";

const it = (text: string) => ({ text, language: "it" });

test("an answer is spoken at once, but for another language and for what is too long", () => {
  expect(together([it("Buongiorno."), it("Mi dica."), { text: "Hello.", language: "en" }, it("Ciao.")])).toEqual([it("Buongiorno. Mi dica."), { text: "Hello.", language: "en" }, it("Ciao.")]);
  expect(together([it("a".repeat(700)), it("b".repeat(400))]).map((one) => one.text.length)).toEqual([700, 400]);
  expect(together([it("a".repeat(2000))])[0]?.text).toHaveLength(1000);
});

test("what was told in confidence is not spoken", () => {
  expect(together([it("La carta ••• va bene?"), it("•••")])).toEqual([it("La carta  va bene?")]);
});
