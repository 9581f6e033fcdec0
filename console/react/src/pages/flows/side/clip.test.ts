import { expect, test } from "vitest";
import { wav } from "./clip";

test("a clip is a WAV of one channel, 16 bits and 16 kHz", () => {
  const file = new DataView(wav([new Int16Array([1, -2]).buffer, new Int16Array([3]).buffer]));
  const text = (at: number) => String.fromCharCode(...[0, 1, 2, 3].map((n) => file.getUint8(at + n)));
  expect([text(0), text(8), text(12), text(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
  expect([file.getUint16(22, true), file.getUint32(24, true), file.getUint16(34, true)]).toEqual([1, 16_000, 16]);
  expect([file.byteLength, file.getUint32(4, true), file.getUint32(40, true)]).toEqual([50, 42, 6]);
  expect([44, 46, 48].map((at) => file.getInt16(at, true))).toEqual([1, -2, 3]);
});
