// Which microphone and loudspeaker a person wants: remembered by the browser, for all our pages.

const KEYS = { audioinput: "centralino-microphone", audiooutput: "centralino-speaker" };

/** kind: audioinput or audiooutput. Returns the device's id, "" for the browser's own choice. */
export function chosen(kind) {
  try {
    return localStorage.getItem(KEYS[kind]) ?? "";
  } catch {
    return ""; // a browser may forbid storage; then the choice holds for as long as nothing else is chosen
  }
}

export function choose(kind, id) {
  try {
    if (id) localStorage.setItem(KEYS[kind], id);
    else localStorage.removeItem(KEYS[kind]);
  } catch {
    // see above
  }
}

/** Browsers other than Chromium and Edge play on the system's loudspeaker only. */
export const canChooseSpeaker = "setSinkId" in AudioContext.prototype;

/** The devices of a kind as { id, label }, the browser's own choice left out; without labels before the permission. */
export async function devices(kind) {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return all.filter((one) => one.kind === kind && one.deviceId && one.deviceId !== "default" && one.deviceId !== "communications").map((one) => ({ id: one.deviceId, label: one.label }));
}

/** Calls `changed` when a device is plugged in or out. */
export function watchDevices(changed) {
  navigator.mediaDevices?.addEventListener?.("devicechange", changed);
}
