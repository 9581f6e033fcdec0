// The microphone and the loudspeaker: the same modules that the page to call from has, as they lie in console/web/audio.

/** An open loudspeaker, PCM16 at 16 kHz. */
export interface Loudspeaker {
  play: (pcm: ArrayBuffer) => void;
  close: () => Promise<void>;
}

/** With a microphone. */
export interface Sound extends Loudspeaker {
  mute: (wanted: boolean) => void;
  /** The microphone's; muted with it. */
  readonly stream: MediaStream;
}

interface SoundModule {
  openSound: (on: { onFrame: (pcm: ArrayBuffer) => void; onLost: () => void; onBlocked: () => void; mostMs: number }) => Promise<Sound>;
  openLoudspeaker: (on: { onBlocked: () => void; mostMs: number }) => Promise<Loudspeaker>;
  /** Plays what a peer connection receives. Returns what ends it. */
  playStream: (stream: MediaStream, onBlocked: () => void) => () => void;
  openMicrophone: () => Promise<MediaStream>;
  closeMicrophone: (stream: MediaStream) => void;
  MicrophoneError: new () => Error & { code: string; detail: string };
}

const ADDRESS = "/web/audio/sound.js";

/** Loaded when the first sound is wanted. It loads its worklets from beside it. */
export const soundModule = () => import(/* @vite-ignore */ ADDRESS) as Promise<SoundModule>;
