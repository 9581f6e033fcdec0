import { describe, expect, it } from "vitest";
import { formatOf } from "./format";

describe("what people read", () => {
  const italian = formatOf("it");
  const english = formatOf("en");

  it("writes numbers and shares as the language does", () => {
    expect(italian.number(1234.5, 1)).toBe("1234,5");
    expect(english.number(1234.5, 1)).toBe("1,234.5");
    expect(english.percent(0.8765)).toBe("87.7%");
  });

  it("writes short times exactly and long ones in minutes", () => {
    expect(english.duration(842)).toBe("0.84 s");
    expect(english.duration(12_400)).toBe("12 s");
    expect(english.duration(185_000)).toBe("3 min 05 s");
    expect(english.duration(59_600)).toBe("1 min 00 s");
  });

  it("never tells somebody to wait for nothing", () => {
    expect(italian.wait(0)).toBe("1 s");
    expect(italian.wait(89)).toBe("89 s");
    expect(italian.wait(91)).toBe("2 min");
  });
});
