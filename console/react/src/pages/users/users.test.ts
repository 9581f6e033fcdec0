import { expect, it } from "vitest";
import { known, statesOf } from "./users";

const account = { id: "acc_1", disabled: false, has_password: true, elsewhere: false, second_factor: false };

it("says first what matters most about an account", () => {
  expect(statesOf(account, "acc_2")).toEqual(["active"]);
  expect(statesOf({ ...account, second_factor: true }, "acc_1")).toEqual(["you", "active", "phone"]);
  expect(statesOf({ ...account, has_password: false }, "acc_2")).toEqual(["invited"]);
  expect(statesOf({ ...account, has_password: false, elsewhere: true }, "acc_2")).toEqual(["elsewhere"]);
  expect(statesOf({ ...account, disabled: true, second_factor: true }, "acc_2")).toEqual(["disabled"]);
});

it("offers the queues and skills that anybody has, each once", () => {
  const accounts = [{ queues: ["resi", "ordini"], skills: [] }, { queues: ["ordini"], skills: ["tedesco"] }, { queues: [], skills: [] }];
  expect(known(accounts, "queues")).toEqual(["ordini", "resi"]);
  expect(known(accounts, "skills")).toEqual(["tedesco"]);
});
