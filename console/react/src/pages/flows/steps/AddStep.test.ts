import { expect, test } from "vitest";
import { changed } from "../yaml/editing";
import { difference, freeName } from "./AddStep";

test("a new text is named by its first words, in letters that a name may have, and like no other", () => {
  expect(freeName("Perché no? Domani è aperto.", [])).toBe("perche_no_domani");
  expect(freeName("Ciao!", ["ciao", "ciao_2"])).toBe("ciao_3");
  expect(freeName("안녕하세요", [])).toBe("text");
  expect(freeName("3 copie", [])).toBe("copie");
});

test("two texts differ by one change", () => {
  for (const [before, after] of [["abc", "abc"], ["", "x"], ["aXXb", "ab"], ["aa", "aaa"], ["a\nb\nc", "a\nn\nb\nc\nm"]] as const) {
    expect(changed(before, difference(before, after))).toBe(after);
  }
});
