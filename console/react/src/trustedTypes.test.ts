import { expect, it } from "vitest";
import { ownScript, withoutMarkup } from "./trustedTypes";

it("lets the text of a style sheet through and no markup", () => {
  expect(withoutMarkup(":root{--x:1}a>b{color:red}")).toBe(":root{--x:1}a>b{color:red}");
  expect(() => withoutMarkup("<img src=x onerror=alert(1)>")).toThrow(TypeError);
});

it("lets scripts of this build through and no others", () => {
  const here = "https://phone.example.org";
  expect(ownScript("/console/assets/worker-1a2b.js", here)).toBe("/console/assets/worker-1a2b.js");
  for (const other of ["https://evil.example/console/assets/x.js", "/api/recording.js", "/console/assets/../../api/x", "data:text/javascript,1"]) {
    expect(() => ownScript(other, here), other).toThrow(TypeError);
  }
});
