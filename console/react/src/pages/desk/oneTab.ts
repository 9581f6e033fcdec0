// One tab of a browser owns the softphone: two would ring twice and fight for the microphone. The others follow it, and
// one of them takes it when that tab is closed.

const NAME = "centralino-softphone";
/** A page that is being reloaded has the softphone again within this; in a call, the server waits longer for a desk. */
export const RELOADING_MS = 4000;

/** Why the operator's desk is in no tab of this browser. */
export type Left = "moved" | "signed_off";

/**
 * Tries to own the softphone; with `steal`, takes it from the tab that has it. Null when another tab has it, else what
 * gives it back. onTaken is called when another tab takes it later.
 */
export async function ownSoftphone(steal: boolean, onTaken: () => void): Promise<(() => void) | null> {
  // Web Locks and the microphone both need a secure page: without one there is no softphone to fight for.
  if (!navigator.locks) return () => {};
  // A page that is being reloaded may still hold the lock for a moment.
  for (let tries = steal ? 1 : 3; tries > 0; tries--) {
    const give = await tryLock(steal, onTaken);
    if (give) return give;
    await pause(200);
  }
  return null;
}

function tryLock(steal: boolean, onTaken: () => void): Promise<(() => void) | null> {
  return new Promise((decide, fail) => {
    let owned = false;
    let taken = false;
    const hold = (lock: Lock | null) => {
      if (lock === null || taken) return decide(null);
      owned = true;
      return new Promise<void>((give) => decide(give)); // held until it is given back, or the tab closes
    };
    navigator.locks.request(NAME, steal ? { steal: true } : { ifAvailable: true }, hold).catch((error: unknown) => {
      if (!aborted(error)) return fail(error);
      taken = true;
      if (owned) setTimeout(onTaken); // whoever waits for the answer has it by then
      else decide(null); // of two tabs that took it at once, this is the earlier one
    });
  });
}

/**
 * Follows the tab that owns the softphone. closed: that tab is gone, and was not being reloaded. left: the desk is in no
 * tab of this browser any more. Each is called once at most, and ends it; so does what is returned.
 */
export function followOwner(closed: () => void, left: (why: Left) => void): () => void {
  if (!navigator.locks) return () => {};
  const over = new AbortController();
  const channel = new BroadcastChannel(NAME);
  const end = () => {
    over.abort();
    channel.close();
  };
  channel.onmessage = ({ data: why }: MessageEvent<Left>) => {
    end();
    left(why);
  };
  untilFree(over.signal).then(
    () => {
      if (over.signal.aborted) return;
      end();
      closed();
    },
    (error: unknown) => {
      if (!aborted(error)) throw error;
    },
  );
  return end;
}

/** The tabs that follow this one hear that there is nothing to take from it. */
export function tellFollowers(why: Left): void {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(why);
  channel.close();
}

async function untilFree(signal: AbortSignal): Promise<void> {
  for (;;) {
    await navigator.locks.request(NAME, { signal }, () => {}); // not kept: a page that is being reloaded comes first
    await pause(RELOADING_MS);
    const { held } = await navigator.locks.query();
    if (signal.aborted || !held?.some((one) => one.name === NAME)) return;
  }
}

function aborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function pause(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
