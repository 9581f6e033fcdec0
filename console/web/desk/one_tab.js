// One tab of a browser owns the softphone: two would ring twice and fight for the microphone.

const LOCK = "centralino-softphone";

/**
 * Tries to own the softphone; with `steal`, takes it from the tab that has it.
 * Returns false when another tab has it. onTaken is called when another tab takes it later.
 */
export function ownSoftphone({ steal, onTaken }) {
  // Web Locks and the microphone both need a secure page: without one there is no softphone to fight for.
  if (!navigator.locks) return Promise.resolve(true);
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
