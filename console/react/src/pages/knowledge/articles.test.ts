import { describe, expect, it } from "vitest";
import { contentOf, fieldsOf, fits, idFor, placeAt, type Row, statesOf, textOf } from "./articles";

const hours = { id: "orari", title: { it: "gli orari" }, phrasings: { it: ["quando aprite", "siete aperti"] }, spoken: { it: "Alle nove." } };

describe("an article that is edited", () => {
  it("comes back as it was", () => {
    const whole = { ...hours, more: { it: "Anche il sabato." }, tags: ["negozio"], queue: "aiuto", valid_until: "2026-12-31", sensitive: true };
    expect(contentOf("orari", fieldsOf(whole))).toEqual(whole);
  });

  it("leaves out what says nothing, and empty lines", () => {
    const fields = fieldsOf(hours);
    expect(contentOf("orari", { ...fields, more: { it: "  " }, phrasings: { it: " quando aprite \n\n", en: "\n" } })).toEqual({ ...hours, phrasings: { it: ["quando aprite"] } });
  });

  it("is shown whatever is wrong with it", () => {
    expect(fieldsOf({ title: "gli orari", phrasings: { it: "quando" }, tags: null }).title).toEqual({});
  });

  it("tells at which field a problem is", () => {
    const written = textOf("orari", fieldsOf({ ...hours, queue: "aiuto" }));
    const lineOf = (part: string) => written.split("\n").findIndex((line) => line.includes(part)) + 1;
    expect(placeAt(written, lineOf("Alle nove"))).toBe("spoken.it");
    expect(placeAt(written, lineOf("siete aperti"))).toBe("phrasings.it");
    expect(placeAt(written, lineOf('"queue"'))).toBe("queue");
    expect(placeAt(written, lineOf('"spoken"'))).toBe("spoken");
    expect(placeAt(written, 1)).toBe("");
  });

  it("gets a name from its title", () => {
    expect(idFor("Perché così? I costi!")).toBe("perche-cosi-i-costi");
    expect(idFor("배송")).toBe("");
  });
});

describe("the list", () => {
  const draft = { serial: 1, who: "anna", at: "", content: hours, faults: ["no title"] };
  const served: Row = { id: "orari", served: true, content: { ...hours, valid_until: "2026-01-31", queue: "aiuto" } };
  const wanted = { words: "", state: "" as const, language: "", queue: "" };

  it("says the state of each", () => {
    expect(statesOf(served, "2026-01-31")).toEqual(["published"]);
    expect(statesOf(served, "2026-02-01")).toEqual(["published", "expired"]);
    expect(statesOf({ id: "orari", served: false, draft } as Row, "2026-02-01")).toEqual(["draft", "errors"]);
  });

  it("finds by words wherever they stand, and by filters", () => {
    expect(fits(served, { ...wanted, words: "Aprité nove" }, "2026-01-01")).toBe(true);
    expect(fits(served, { ...wanted, words: "nove dieci" }, "2026-01-01")).toBe(false);
    expect(fits(served, { ...wanted, language: "en" }, "2026-01-01")).toBe(false);
    expect(fits(served, { ...wanted, queue: "aiuto", state: "expired" }, "2026-02-01")).toBe(true);
  });
});
