// Microphone → PCM16 at 16 kHz in frames of 20 ms, posted as { pcm: ArrayBuffer, level: 0..1 }.
import { Resampler } from "./resampling.js";

const RATE_HZ = 16000;
const FRAME = 320;

class Capture extends AudioWorkletProcessor {
  #resampler = sampleRate === RATE_HZ ? null : new Resampler(sampleRate, RATE_HZ);
  #frame = new Int16Array(FRAME);
  #filled = 0;
  #energy = 0;

  process(inputs) {
    const channel = inputs[0][0];
    if (!channel) return true;
    for (const sample of this.#resampler ? this.#resampler.process(channel) : channel) {
      const limited = Math.max(-1, Math.min(1, sample));
      this.#energy += limited * limited;
      this.#frame[this.#filled++] = Math.round(limited * 32767);
      if (this.#filled === FRAME) this.#post();
    }
    return true;
  }

  #post() {
    const pcm = this.#frame.buffer;
    this.port.postMessage({ pcm, level: Math.sqrt(this.#energy / FRAME) }, [pcm]);
    this.#frame = new Int16Array(FRAME);
    this.#filled = 0;
    this.#energy = 0;
  }
}

registerProcessor("capture", Capture);
