import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followOwner, ownSoftphone, RELOADING_MS, tellFollowers } from "./oneTab";

interface Wish {
  grant: (lock: object | null) => unknown;
  over: (error: DOMException) => void;
  done: () => void;
}

/** One exclusive lock, as Web Locks have it: granted in the order of asking, taken away by who steals. */
class OneLock {
  private held: Wish | null = null;
  private waiting: Wish[] = [];
  lateMs = 0;

  request(_: string, { ifAvailable, steal, signal }: LockOptions, grant: Wish["grant"]): Promise<void> {
    return new Promise((done, over) => {
      const wish = { grant, over, done };
      if (steal) {
        this.held?.over(new DOMException("stolen", "AbortError"));
        this.hold(wish);
      } else if (!this.held && this.waiting.length === 0) this.hold(wish);
      else if (ifAvailable) {
        grant(null);
        done();
      } else this.waiting.push(wish);
      signal?.addEventListener("abort", () => {
        if (!this.waiting.includes(wish)) return;
        this.waiting = this.waiting.filter((one) => one !== wish);
        over(new DOMException("aborted", "AbortError"));
      });
    });
  }

  async query() {
    return { held: this.held ? [{ name: "centralino-softphone" }] : [] };
  }

  /** The tab that has it is closed. */
  close(): void {
    this.held = null;
    const next = this.waiting.shift();
    if (next) this.hold(next);
  }

  private hold(wish: Wish): void {
    this.held = wish;
    void (async () => {
      await (this.lateMs ? new Promise((wake) => setTimeout(wake, this.lateMs)) : Promise.resolve());
      await wish.grant({});
      wish.done();
      if (this.held === wish) this.close();
    })();
  }
}

let lock: OneLock;
const follow = (name: string, happened: string[]) => followOwner(() => void happened.push(`${name} closed`), (why) => void happened.push(`${name} ${why}`));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  lock = new OneLock();
  vi.stubGlobal("navigator", { locks: lock });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the softphone", () => {
  it("is of one tab; a second one that only asks does not have it", async () => {
    expect(await ownSoftphone(false, vi.fn())).not.toBeNull();
    const second = ownSoftphone(false, vi.fn());
    await vi.advanceTimersByTimeAsync(1000);
    expect(await second).toBeNull();
  });

  it("is had again by a page that is reloaded while its last one still holds it", async () => {
    const give = await ownSoftphone(false, vi.fn());
    const reloaded = ownSoftphone(false, vi.fn());
    await vi.advanceTimersByTimeAsync(100);
    give?.();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await reloaded).not.toBeNull();
  });

  it.each([0, 50])("is of the last one of tabs that take it at once, however late it is granted, and all others hear of it", async (lateMs) => {
    const taken: string[] = [];
    await ownSoftphone(false, () => void taken.push("first"));
    lock.lateMs = lateMs;
    const answered: string[] = [];
    const both = ["second", "third"].map(async (name) => {
      const give = await ownSoftphone(true, () => void taken.push(`${name} after ${answered}`));
      answered.push(name);
      return give !== null;
    });
    await vi.advanceTimersByTimeAsync(1000);
    const [second, third] = await Promise.all(both);
    expect([second, third]).toEqual([lateMs === 0, true]);
    expect(taken).toEqual(second ? ["first", "second after second,third"] : ["first"]);
  });
});

describe("a tab that follows", () => {
  it("hears that the owner was closed, not that it was reloaded", async () => {
    const happened: string[] = [];
    await ownSoftphone(false, vi.fn());
    follow("second", happened);
    lock.close();
    await vi.advanceTimersByTimeAsync(RELOADING_MS / 2);
    expect(await ownSoftphone(false, vi.fn())).not.toBeNull();
    await vi.advanceTimersByTimeAsync(10 * RELOADING_MS);
    expect(happened).toEqual([]);
    lock.close();
    await vi.advanceTimersByTimeAsync(RELOADING_MS);
    expect(happened).toEqual(["second closed"]);
  });

  it("is not the only one that may have it then: one of them does, and another one goes on following", async () => {
    const happened: string[] = [];
    await ownSoftphone(false, vi.fn());
    follow("second", happened);
    follow("third", happened);
    lock.close();
    await vi.advanceTimersByTimeAsync(RELOADING_MS);
    expect(happened).toEqual(["second closed", "third closed"]);
    const both = [ownSoftphone(false, vi.fn()), ownSoftphone(false, vi.fn())];
    await vi.advanceTimersByTimeAsync(1000);
    expect((await Promise.all(both)).filter(Boolean).length).toBe(1);
  });

  it("takes nothing from an operator who is at another computer now, or was signed off", async () => {
    const happened: string[] = [];
    await ownSoftphone(false, vi.fn());
    follow("second", happened);
    tellFollowers("signed_off");
    await vi.waitFor(() => expect(happened).toEqual(["second signed_off"]));
    lock.close();
    await vi.advanceTimersByTimeAsync(10 * RELOADING_MS);
    expect(happened).toEqual(["second signed_off"]);
  });

  it("hears nothing more once it has ended that", async () => {
    const happened: string[] = [];
    await ownSoftphone(false, vi.fn());
    const end = follow("second", happened);
    end();
    lock.close();
    await vi.advanceTimersByTimeAsync(10 * RELOADING_MS);
    expect(happened).toEqual([]);
    expect(await ownSoftphone(false, vi.fn())).not.toBeNull();
  });
});
