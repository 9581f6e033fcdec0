import { expect, test } from "vitest";
import { type Caller, canBeHeard, clock, freeFor, type Operator, type Queue, stateOf, type Wall, whole } from "./wall";

const queue = (more: Partial<Queue>): Queue => ({ queue: "ordini", waiting: 0, promised: 0, since: null, high: 0, normal: 0, low: 0, free: 0, service_level: null, ...more });
const operator = (more: Partial<Operator>): Operator => ({
  id: "a", name: "Anna", queues: [], skills: [], state: "available", why: "", since: "2026-05-04T10:00:00Z", forced: "", by_phone: false, connected: true, call_id: "", with_bot: false, ...more,
});

test("times are told in whole seconds, hours only where there are some", () => {
  expect([0, 999, 7000, 751_000, 3_723_000, -5].map(clock)).toEqual(["0:00", "0:00", "0:07", "12:31", "1:02:03", "0:00"]);
});

test("the longest wait is that of the queue in which somebody came first", () => {
  const wall = {
    queues: [queue({ waiting: 2, high: 1, since: "2026-05-04T10:00:09Z" }), queue({ waiting: 1, since: "2026-05-04T10:00:01Z" }), queue({})],
    operators: [operator({}), operator({ connected: false }), operator({ state: "away" })],
  } as unknown as Wall;
  expect(whole(wall)).toEqual({ waiting: 3, urgent: 1, since: "2026-05-04T10:00:01Z", available: 1 });
});

test("a broken connection is said in place of the state", () => {
  expect(stateOf(operator({ state: "on_call", connected: false }))).toBe("lost");
  expect(stateOf(operator({ state: "on_call", connected: false, with_bot: true }))).toBe("lost");
});

test("who waits while the bot has their call is not in a call, and cannot be listened to", () => {
  const talks = operator({ state: "on_call", call_id: "c1" });
  expect([stateOf(talks), canBeHeard(talks)]).toEqual(["on_call", true]);
  const waits = { ...talks, with_bot: true };
  expect([stateOf(waits), canBeHeard(waits)]).toEqual(["with_bot", false]);
});

test("who is free for a caller: operators of the queue first, nobody who is busy or gone", () => {
  const wall = {
    operators: [
      operator({ id: "resi", queues: ["resi"] }),
      operator({ id: "busy", state: "on_call" }),
      operator({ id: "lost", connected: false }),
      operator({ id: "ordini", queues: ["ordini"] }),
      operator({ id: "all" }),
    ],
  } as unknown as Wall;
  expect(freeFor(wall, { queue: "ordini" } as Caller).map((one) => one.id)).toEqual(["ordini", "all", "resi"]);
});
