import { expect, it } from "vitest";
import { clockOf, marked, peaksOf, slotsOf, turnAt } from "./calls";

it("draws how loud each stretch is", () => {
  expect(peaksOf(new Float32Array([0, 0.5, -1, 0.25]), 2)).toEqual([0.5, 1]);
  expect(peaksOf(new Float32Array(0), 2)).toEqual([0, 0]);
});

it("finds the turn that is being said, also where two overlap", () => {
  const turns = [{ seq: 2, start_ms: 200 }, { seq: 3, start_ms: 2800 }, { seq: 7, start_ms: 4700 }];
  expect(turnAt(turns, 100)).toBe(null);
  expect(turnAt(turns, 2800)).toBe(3);
  expect(turnAt([...turns].reverse(), 9000)).toBe(7);
});

it("tells the newest of what was collected", () => {
  const events = [{ payload: { slots: { ordine: "1" } } }, { payload: {} }, { payload: { slots: { ordine: "12345", pezzi: 2, vuoto: null } } }];
  expect(slotsOf(events)).toEqual([["ordine", "12345"], ["pezzi", "2"]]);
});

it("marks words where the server counted whole characters", () => {
  expect(marked("😀 la spedizione", [[5, 15]])).toEqual([{ text: "😀 la ", mark: false }, { text: "spedizione", mark: true }]);
  expect(clockOf(65_900)).toBe("1:05");
});
