import { describe, expect, it } from "vitest";
import { en } from "../words/en";
import { it as italian } from "../words/it";
import { ApiError, fromAnswer, saidOf, worthRetrying } from "./errors";

const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

describe("an error of the API", () => {
  it("is its code, with how long to wait", async () => {
    const error = await fromAnswer(answer(429, { detail: { code: "locked", message: "locked; wait 61 s", retry_after_s: 61 } }));
    expect(error).toMatchObject({ status: 429, code: "locked", retryAfterS: 61 });
    expect(saidOf(error, en)).toBe("Too many wrong passwords. Try again in 61 s.");
  });

  it("is said in the server's words where ours know no better", async () => {
    const error = await fromAnswer(answer(422, { detail: { code: "bad_hold", message: "a hold needs a reason" } }));
    expect(saidOf(error, en)).toBe("The server says: a hold needs a reason");
  });

  it("names the field that was malformed", async () => {
    const error = await fromAnswer(answer(422, { detail: [{ loc: ["body", "name"], msg: "too short" }] }));
    expect(saidOf(error, en)).toContain("body.name: too short");
  });

  it("is understood where a proxy answers with a page", async () => {
    const error = await fromAnswer(new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(saidOf(error, italian)).toBe(italian.errors.codes.server_away);
  });

  it("is tried again only where the server was away", () => {
    expect(worthRetrying(0, new ApiError(0, "server_away", ""))).toBe(true);
    expect(worthRetrying(2, new ApiError(0, "server_away", ""))).toBe(false);
    expect(worthRetrying(0, new ApiError(403, "role_missing", ""))).toBe(false);
  });
});
