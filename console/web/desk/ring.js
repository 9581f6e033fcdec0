// How an offer calls for attention: a tone, the tab's title, and a notification when the page is not in sight.
import { t } from "../language.js";

let context = null;
let timer = 0;
let title = "";
let shown = null;

/** Call it from a click: browsers let a page sound only after one. */
export async function allowRinging() {
  context ??= new AudioContext();
  await context.resume();
  if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
}

export function ring(text) {
  stopRinging();
  title = document.title;
  let on = false;
  const beat = () => {
    on = !on;
    document.title = on ? t("desk.ringing_title") : title;
    if (on) chime();
  };
  beat();
  timer = setInterval(beat, 1200);
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    shown = new Notification(t("desk.notice_title"), { body: text, tag: "centralino-offer", requireInteraction: true });
    shown.onclick = () => {
      window.focus();
      shown?.close();
    };
  }
}

export function stopRinging() {
  if (!timer) return;
  clearInterval(timer);
  timer = 0;
  document.title = title;
  shown?.close();
  shown = null;
}

// Two soft notes, a fifth apart: noticed without startling who wears a headset.
function chime() {
  if (context?.state !== "running") return;
  for (const [hz, delayS] of [[523.25, 0], [783.99, 0.22]]) {
    const tone = new OscillatorNode(context, { frequency: hz, type: "sine" });
    const gain = new GainNode(context, { gain: 0 });
    const from = context.currentTime + delayS;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(0.18, from + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, from + 0.6);
    tone.connect(gain).connect(context.destination);
    tone.start(from);
    tone.stop(from + 0.65);
  }
}
