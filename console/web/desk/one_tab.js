// One tab of a browser owns the softphone: two would ring twice and fight for the microphone.

const LOCK = "centralino-softphone";

/**
 * Tries to own the softphone; with `steal`, takes it from the tab that has it.
 * Returns false when another tab has it. onTaken is called when another tab takes it later.
 */
export async function ownSoftphone({ steal, onTaken }) {
  // Web Locks and the microphone both need a secure page: without one there is no softphone to fight for.
  if (!navigator.locks) return true;
  // A page that is being reloaded may still hold the lock for a moment.
  for (let tries = steal ? 1 : 3; tries > 0; tries--) {
    if (await tryLock(steal, onTaken)) return true;
    await new Promise((wake) => setTimeout(wake, 200));
  }
  return false;
}

function tryLock(steal, onTaken) {
  return new Promise((decide) => {
    const hold = (lock) => {
      decide(lock !== null);
      return lock === null ? undefined : new Promise(() => {}); // held until the tab closes
    };
    navigator.locks.request(LOCK, steal ? { steal: true } : { ifAvailable: true }, hold).catch((error) => {
      if (error.name !== "AbortError") throw error;
      onTaken();
    });
  });
}
