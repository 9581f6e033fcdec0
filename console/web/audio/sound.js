// The microphone and the loudspeaker of a call, both as PCM16 at 16 kHz.
import { canChooseSpeaker, chosen } from "./devices.js";

/** code: refused, none, busy, insecure or failed; see the words mic.* */
export class MicrophoneError extends Error {
  constructor(code, detail = "") {
    super(detail || code);
    this.code = code;
    this.detail = detail;
  }
}

const CODES = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "none", NotReadableError: "busy", AbortError: "busy" };
const RESUME_MS = 1000; // a page that may not sound yet stays suspended without saying so
const WANTED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

/** The chosen microphone's stream, or another's where that one is gone; asks for permission when needed. Throws MicrophoneError. */
export async function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) throw new MicrophoneError("insecure");
  const id = chosen("audioinput");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: id ? { ...WANTED, deviceId: { ideal: id } } : WANTED });
  } catch (error) {
    throw new MicrophoneError(CODES[error.name] ?? "failed", error.message || error.name);
  }
}

export function closeMicrophone(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/**
 * Opens both directions; call it from a click. Throws MicrophoneError.
 * onFrame(ArrayBuffer of 640 bytes), onLevel(0..1), onHeard(0..1, of what is played), onMark(name), onLost(), onBlocked() when the browser
 * wants a click before a page may sound: the next click or key starts it.
 * prebufferMs, mostMs: see playback-worklet.js.
 */
export async function openSound({ onFrame, onLevel, onHeard, onMark, onLost, onBlocked, prebufferMs = 60, mostMs = 0 }) {
  const stream = await openMicrophone();
  try {
    const [context, microphone] = await openContext(stream);
    try {
      return await connect(context, microphone, stream, { onFrame, onLevel, onHeard, onMark, onLost, onBlocked, prebufferMs, mostMs });
    } catch (error) {
      await context.close();
      throw error;
    }
  } catch (error) {
    closeMicrophone(stream);
    throw error instanceof MicrophoneError ? error : new MicrophoneError("failed", `${error.name}: ${error.message}`);
  }
}

/** Opens the loudspeaker alone; call it from a click. onBlocked, prebufferMs, mostMs: as of `openSound`. */
export async function openLoudspeaker({ onBlocked, prebufferMs = 60, mostMs = 0 }) {
  const context = new AudioContext({ sampleRate: 16000, latencyHint: "interactive" });
  try {
    await addWorklets(context, "playback");
    const playback = player(context, prebufferMs, mostMs);
    await useSpeaker(context);
    const stopWaking = await wake(context, onBlocked);
    return {
      play: (pcm) => playback.port.postMessage({ pcm }, [pcm]),
      async close() {
        stopWaking();
        if (context.state !== "closed") await context.close();
      },
    };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/**
 * Plays what a peer connection receives, on the chosen loudspeaker. onBlocked: the page may not sound. Returns what ends it.
 */
export function playStream(stream, onBlocked) {
  const player = new Audio();
  let over = false;
  player.srcObject = stream;
  useSpeaker(player)
    .then(() => over || player.play())
    .catch(() => over || onBlocked());
  return () => {
    over = true;
    player.pause();
    player.srcObject = null;
  };
}

const addWorklets = (context, ...names) => Promise.all(names.map((name) => context.audioWorklet.addModule(new URL(`./${name}-worklet.js`, import.meta.url).pathname)));

function player(context, prebufferMs, mostMs) {
  const playback = new AudioWorkletNode(context, "playback", { numberOfInputs: 0, outputChannelCount: [1], processorOptions: { prebufferMs, mostMs } });
  playback.connect(context.destination);
  return playback;
}

/** A page may have to wait for a click before it sounds. Returns what ends the waiting. */
async function wake(context, onBlocked) {
  const resume = () => context.state === "closed" || context.resume();
  for (const press of ["click", "keydown"]) document.addEventListener(press, resume);
  await Promise.race([context.resume(), new Promise((later) => setTimeout(later, RESUME_MS))]);
  if (context.state !== "running") onBlocked?.();
  return () => {
    for (const press of ["click", "keydown"]) document.removeEventListener(press, resume);
  };
}

// At 16 kHz the browser itself converts, well; one that cannot bring the microphone there gets our own conversion.
async function openContext(stream) {
  let failure;
  for (const options of [{ sampleRate: 16000, latencyHint: "interactive" }, { latencyHint: "interactive" }]) {
    const context = new AudioContext(options);
    try {
      return [context, context.createMediaStreamSource(stream)];
    } catch (error) {
      failure = error;
      await context.close();
    }
  }
  throw failure;
}

async function connect(context, microphone, stream, { onFrame, onLevel, onHeard, onMark, onLost, onBlocked, prebufferMs, mostMs }) {
  await addWorklets(context, "capture", "playback");
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  const playback = player(context, prebufferMs, mostMs);
  let closed = false;
  let muted = false;
  capture.port.onmessage = ({ data }) => {
    if (closed) return;
    onFrame(data.pcm);
    onLevel?.(data.level);
  };
  playback.port.onmessage = ({ data }) => {
    if (closed) return;
    if (data.level !== undefined) onHeard?.(data.level);
    // The loudspeaker is that much behind the buffer.
    else setTimeout(() => closed || onMark?.(data.mark), Math.min(500, (context.outputLatency || 0) * 1000));
  };
  const watch = () => stream.getTracks().forEach((track) => track.addEventListener("ended", () => closed || onLost?.()));
  const silence = () => stream.getAudioTracks().forEach((track) => (track.enabled = !muted));
  watch();
  microphone.connect(capture);
  await useSpeaker(context);
  const stopWaking = await wake(context, onBlocked);
  return {
    rateHz: context.sampleRate,
    get stream() {
      return stream;
    },
    play: (pcm) => playback.port.postMessage({ pcm }, [pcm]),
    mark: (name) => playback.port.postMessage({ mark: name }),
    clear: () => playback.port.postMessage({ clear: true }),
    mute(wanted) {
      muted = wanted;
      silence();
    },
    /** The microphone that is chosen now takes the place of the one before. Throws MicrophoneError; that one stays then. */
    async changeMicrophone() {
      const next = await openMicrophone();
      if (closed) return closeMicrophone(next);
      const source = context.createMediaStreamSource(next);
      microphone.disconnect();
      closeMicrophone(stream);
      [microphone, stream] = [source, next];
      silence();
      watch();
      microphone.connect(capture);
    },
    changeSpeaker: () => useSpeaker(context),
    async close() {
      if (closed) return;
      closed = true;
      stopWaking();
      closeMicrophone(stream);
      await context.close();
    },
  };
}

/** What plays, a context or an element, does it on the loudspeaker that is chosen; on the browser's own where that one is gone. */
async function useSpeaker(player) {
  if (!canChooseSpeaker) return;
  try {
    await player.setSinkId(chosen("audiooutput"));
  } catch (error) {
    if (error.name !== "NotFoundError") throw error;
    await player.setSinkId("");
  }
}

/** A loudness 0..1 (root mean square) as a position 0..1 on a meter, from -60 dB to 0 dB. */
export function meterValue(level) {
  return level <= 0 ? 0 : Math.max(0, Math.min(1, 1 + (20 * Math.log10(level)) / 60));
}
