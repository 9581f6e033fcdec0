// How an offer calls for attention: a tone, the tab's title, and a notification when the page is not in sight.

const BEAT_MS = 1200;

/** In the reader's words. */
export interface RingWords {
  tab: string;
  title: string;
  text: string;
}

let context: AudioContext | null = null;
let timer = 0;
let title = "";
let shown: Notification | null = null;

/** Call it from a click: browsers let a page sound only after one. */
export async function allowRinging(): Promise<void> {
  context ??= new AudioContext();
  await context.resume();
  if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
}

export function ring(words: RingWords): void {
  stopRinging();
  title = document.title;
  let on = false;
  const beat = () => {
    on = !on;
    document.title = on ? words.tab : title;
    if (on) chime();
  };
  beat();
  timer = window.setInterval(beat, BEAT_MS);
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    shown = new Notification(words.title, { body: words.text, tag: "centralino-offer", requireInteraction: true });
    shown.onclick = () => {
      window.focus();
      shown?.close();
    };
  }
}

export function stopRinging(): void {
  if (!timer) return;
  clearInterval(timer);
  timer = 0;
  document.title = title;
  shown?.close();
  shown = null;
}

// Two soft notes, a fifth apart: noticed without startling who wears a headset.
export function chime(): void {
  if (context?.state !== "running") return;
  for (const [hz, delayS] of [[523.25, 0], [783.99, 0.22]] as const) {
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
