// One tab of a browser owns the softphone: two would ring twice and fight for the microphone.

const LOCK = "centralino-softphone";

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
    await new Promise((wake) => setTimeout(wake, 200));
  }
  return null;
}

function tryLock(steal: boolean, onTaken: () => void): Promise<(() => void) | null> {
  return new Promise((decide) => {
    const hold = (lock: Lock | null) => {
      if (lock === null) return decide(null);
      return new Promise<void>((give) => decide(give)); // held until it is given back, or the tab closes
    };
    navigator.locks.request(LOCK, steal ? { steal: true } : { ifAvailable: true }, hold).catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
      onTaken();
    });
  });
}
