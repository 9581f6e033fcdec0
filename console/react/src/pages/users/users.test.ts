import { expect, it } from "vitest";
import { queuesKnown, statesOf } from "./users";

const account = { id: "acc_1", disabled: false, has_password: true, elsewhere: false, second_factor: false };

it("says first what matters most about an account", () => {
  expect(statesOf(account, "acc_2")).toEqual(["active"]);
  expect(statesOf({ ...account, second_factor: true }, "acc_1")).toEqual(["you", "active", "phone"]);
  expect(statesOf({ ...account, has_password: false }, "acc_2")).toEqual(["invited"]);
  expect(statesOf({ ...account, has_password: false, elsewhere: true }, "acc_2")).toEqual(["elsewhere"]);
  expect(statesOf({ ...account, disabled: true, second_factor: true }, "acc_2")).toEqual(["disabled"]);
});

it("offers the queues that anybody answers, each once", () => {
  expect(queuesKnown([{ queues: ["resi", "ordini"] }, { queues: ["ordini"] }, { queues: [] }])).toEqual(["ordini", "resi"]);
});
