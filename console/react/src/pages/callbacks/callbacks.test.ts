import { expect, it } from "vitest";
import { deedsOn, stageOf } from "./callbacks";

it("offers about a call-back what can be done about it", () => {
  expect(deedsOn({ status: "waiting" })).toEqual(["take", "done"]);
  expect(deedsOn({ status: "taken", mine: true })).toEqual(["give-back", "done"]);
  expect(deedsOn({ status: "taken" })).toEqual([]);
  expect(deedsOn({ status: "calling", mine: true })).toEqual([]);
});

it("puts each call-back under one tab, whatever the server says of it", () => {
  expect(["waiting", "failed", "in_queue", "taken", "calling", "done"].map((status) => stageOf({ status }))).toEqual(["due", "due", "due", "taken", "taken", "done"]);
  expect(stageOf({ status: "something newer" })).toBe("due");
  expect(deedsOn({ status: "done" })).toEqual([]);
});
