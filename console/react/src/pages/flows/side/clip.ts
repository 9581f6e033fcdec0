// What is said into the microphone, for a recognizer: one channel, 16 bits, 16 kHz.
import { type Sound, soundModule } from "../../desk/sound";

export const LONGEST_S = 15;
const RATE_HZ = 16_000;
const FRAME_S = 0.02;

/** A clip while it is recorded. */
export interface Recording {
  /** Ends it: the clip as a WAV. */
  end: () => ArrayBuffer;
  /** Ends it, and nothing is kept. */
  drop: () => void;
}

/** Asks for the microphone; throws MicrophoneFailed. grows: told the whole seconds so far. full: the longest clip is there. */
export async function record(grows: (seconds: number) => void, full: () => void, lost: () => void): Promise<Recording> {
  const { openSound, MicrophoneError } = await soundModule();
  const frames: ArrayBuffer[] = [];
  const most = LONGEST_S / FRAME_S;
  let sound: Sound | null = null;
  const take = (pcm: ArrayBuffer) => {
    if (frames.length >= most) return;
    frames.push(pcm);
    if (frames.length % (1 / FRAME_S) === 0) grows(frames.length * FRAME_S);
    if (frames.length === most) full();
  };
  try {
    sound = await openSound({ onFrame: take, onLost: lost, onBlocked: () => {}, mostMs: 0 });
  } catch (error) {
    throw error instanceof MicrophoneError ? new MicrophoneFailed(error.code, error.detail) : error;
  }
  const drop = () => void sound?.close();
  return { end: () => (drop(), wav(frames)), drop };
}

/** code: as the words `desk.notices.microphone` have it. */
export class MicrophoneFailed extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
  ) {
    super(detail || code);
  }
}

/** frames: PCM16 at 16 kHz. */
export function wav(frames: readonly ArrayBuffer[]): ArrayBuffer {
  const HEAD = 44;
  const bytes = frames.reduce((sum, frame) => sum + frame.byteLength, 0);
  const file = new Uint8Array(HEAD + bytes);
  const head = new DataView(file.buffer);
  const text = (at: number, letters: string) => file.set(new TextEncoder().encode(letters), at);
  text(0, "RIFF");
  head.setUint32(4, HEAD - 8 + bytes, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true); // length of what follows
  head.setUint16(20, 1, true); // PCM
  head.setUint16(22, 1, true); // channels
  head.setUint32(24, RATE_HZ, true);
  head.setUint32(28, RATE_HZ * 2, true); // bytes a second
  head.setUint16(32, 2, true); // bytes a sample
  head.setUint16(34, 16, true); // bits
  text(36, "data");
  head.setUint32(40, bytes, true);
  let at = HEAD;
  for (const frame of frames) {
    file.set(new Uint8Array(frame), at);
    at += frame.byteLength;
  }
  return file.buffer;
}
