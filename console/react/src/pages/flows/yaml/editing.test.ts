import { expect, test } from "vitest";
import { type Change, changed, type Path, pathOf, type Value, written, Yaml } from "./editing";

const BOOK = `# what the shop says
flows:
  welcome:   # first
    - say: hello      # a greeting
    - menu:
        say: choose
        options: {a: {key: "1", goto: bye}, b: {key: "2"}}
    - if: ordine.startsWith("9")
      then:
        - say: check
        - handoff: desk
          with: [ordine]
      else: [{say: fine}, {goto: bye}]
  # the end
  bye:
    - end: answered

texts:
  hello: {it: "Ciao, come va?", en: Hi}   # said first
  choose:
    it: Scelga.
    en: >-
      Please
      choose.
  fine: {it: ""}
`;

const set = (path: Path, value: Value, text = BOOK) => changed(text, new Yaml(text).set(path, value));

/** Lines that are not in both. */
function differs(after: string): string[] {
  const before = BOOK.split("\n");
  const now = after.split("\n");
  return [...before.filter((line) => !now.includes(line)).map((line) => `-${line}`), ...now.filter((line) => !before.includes(line)).map((line) => `+${line}`)];
}

test("a changed value leaves everything else as it stood", () => {
  expect(differs(set(["texts", "hello", "it"], "Buongiorno: mi dica"))).toEqual([
    '-  hello: {it: "Ciao, come va?", en: Hi}   # said first',
    '+  hello: {it: "Buongiorno: mi dica", en: Hi}   # said first',
  ]);
  expect(differs(set(["flows", "welcome", 2, "if"], 'ordine == "1"'))).toEqual(['-    - if: ordine.startsWith("9")', '+    - if: "ordine == \\"1\\""']);
  expect(differs(set(["flows", "welcome", 1, "menu", "options", "a", "goto"], "welcome"))).toHaveLength(2);
});

test("a text over several lines becomes one", () => {
  const after = set(["texts", "choose", "en"], "Choose.");
  expect(new Yaml(after).get(["texts", "choose"])).toEqual({ it: "Scelga.", en: "Choose." });
  expect(after).toContain("  fine:");
});

test("what is not there yet is added where it belongs", () => {
  expect(differs(set(["texts", "hello", "ko"], "안녕"))).toEqual([
    '-  hello: {it: "Ciao, come va?", en: Hi}   # said first',
    '+  hello: {it: "Ciao, come va?", en: Hi, ko: 안녕}   # said first',
  ]);
  expect(differs(set(["flows", "welcome", 2, "then", 1, "priority"], 9))).toEqual(["+          priority: 9"]);
  expect(new Yaml(set(["texts", "choose", "ko"], "선택")).get(["texts", "choose", "ko"])).toBe("선택");
  expect(differs(set(["texts", "bye", "it"], "A presto."))).toEqual(["+  bye: {it: A presto.}"]);
  expect(differs(set(["flows", "welcome", 1, "menu", "options", "b", "goto"], "bye"))).toHaveLength(2);
});

test("keys are taken out of lines and of brackets", () => {
  const gone = (path: Path) => changed(BOOK, new Yaml(BOOK).remove(path));
  expect(differs(gone(["flows", "welcome", 2, "then", 1, "with"]))).toEqual(["-          with: [ordine]"]);
  expect(gone(["texts", "hello", "it"])).toContain("hello: {en: Hi}   # said first");
  expect(gone(["texts", "hello", "en"])).toContain('hello: {it: "Ciao, come va?"}   # said first');
});

test("a step is put behind another, in lines and in brackets", () => {
  const after = (path: Path) => changed(BOOK, new Yaml(BOOK).stepAfter(path, "say: bye"));
  expect(differs(after(["flows", "welcome", 0]))).toEqual(["+    - say: bye"]);
  expect(new Yaml(after(["flows", "welcome", 0])).get(["flows", "welcome", 1])).toEqual({ say: "bye" });
  expect(new Yaml(after(["flows", "welcome", 2, "else", 0])).get(["flows", "welcome", 2, "else"])).toEqual([{ say: "fine" }, { say: "bye" }, { goto: "bye" }]);
  expect(new Yaml(after(["flows", "welcome", 2])).get(["flows", "welcome", 3])).toEqual({ say: "bye" });
});

test("a test is put behind the others, or is the first one", () => {
  const source = '- name: due\n  turns:\n    - {user: "a: b"}\n    - said: bye';
  const value = { name: "due", turns: [{ user: "a: b" }, { said: "bye" }] };
  const uno = { name: "uno", turns: [{ said: "hello" }] };
  const written = (end: string) => changed(BOOK + end, new Yaml(BOOK + end).itemAtEnd("tests", source, value));
  for (const [end, before] of [
    ["", []],
    ["tests:\n", []],
    ["tests:   # ours\n", []],
    ["tests: []\n", []],
    ["tests: [{name: uno, turns: [{said: hello}]}] # all\n", [uno]],
    ["tests:\n- name: uno\n  turns: [{said: hello}]\n# the last line", [uno]],
    ["tests:\n\n  # first\n  - name: uno # - one\n\n    turns:\n      - said: hello  # greets\n\n\nzone: rome\n", [uno]],
  ] as [string, unknown[]][]) {
    const after = written(end);
    expect(new Yaml(after).get(["tests"]), end).toEqual([...before, value]);
    for (const line of (BOOK + end).split("\n").filter((one) => !one.startsWith("tests: ["))) expect(after.split("\n")).toContain(line);
  }
  expect(written("tests:\n  - {name: uno, turns: [{said: hello}]}\n\n  - {name: tre, turns: [{said: hello}]}   # c\n")).toMatch(/# c\n\n {2}- name: due\n {4}turns:\n {6}- /);
  for (const text of ["", "- 1", "tests: no"]) expect(new Yaml(text).itemAtEnd("tests", source, value)).toBeNull();
});

test("a step's range is its own lines, without the comment behind it", () => {
  const range = new Yaml(BOOK).range(pathOf("flows.welcome.2"));
  expect(BOOK.slice(range?.from, range?.to)).toMatch(/^if: [\s\S]*\{goto: bye\}\]$/);
});

test("whatever is written is read back as it was", () => {
  const values: Value[] = ["", " ", "no", "1", "007", "true", "a: b", "a, b", "[x]", "#x", "a #b", "'", '"', "è così", "- x", "\n", "{a}", "a'b", "*x", "&x", "!x", "%", "@", "x:", "?", 7, true];
  for (const value of values) {
    const places: Change[] = [["texts", "hello", "it"], ["texts", "choose", "it"], ["texts", "hello", "ko"], ["texts", "new", "it"]].map((path) => new Yaml(BOOK).set(path, value) as Change);
    expect(new Yaml(changed(BOOK, places[0] ?? null)).get(["texts", "hello"]), written(value)).toEqual({ it: value, en: "Hi" });
    expect(new Yaml(changed(BOOK, places[1] ?? null)).get(["texts", "choose", "it"])).toBe(value);
    expect(new Yaml(changed(BOOK, places[2] ?? null)).get(["texts", "hello", "ko"])).toBe(value);
    expect(new Yaml(changed(BOOK, places[3] ?? null)).get(["texts", "new", "it"])).toBe(value);
  }
});

test("a text that is hardly YAML changes nothing", () => {
  for (const text of ["", "flows: [", "- 1", "a"]) {
    expect(changed(text, new Yaml(text).set(["texts", "hello", "it"], "x"))).toBe(text);
  }
});
