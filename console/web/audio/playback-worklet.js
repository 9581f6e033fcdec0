// PCM16 at 16 kHz → loudspeaker, through a small jitter buffer.
// In:  { pcm: ArrayBuffer }, { mark: name }, { clear: true }.
// Out: { mark: name } when all sound before that mark has left the buffer (at once after a clear), { level: 0..1 }.
import { Resampler } from "./resampling.js";

const RATE_HZ = 16000;
const LEVEL_EVERY_S = 0.05;

class Playback extends AudioWorkletProcessor {
  #resampler = sampleRate === RATE_HZ ? null : new Resampler(RATE_HZ, sampleRate);
  #queue = []; // Float32Array or { mark }
  #offset = 0; // played of the first chunk
  #buffered = 0; // samples in the queue
  #playing = false;
  #waited = 0; // samples since the first chunk arrived while not playing
  #prebuffer;
  #most;
  #energy = 0;
  #counted = 0;

  // prebufferMs: sound gathered before playing starts. mostMs: 0, or for a live voice the delay beyond which old sound is dropped.
  constructor({ processorOptions: { prebufferMs, mostMs } }) {
    super();
    this.#prebuffer = (prebufferMs / 1000) * sampleRate;
    this.#most = (mostMs / 1000) * sampleRate;
    this.port.onmessage = ({ data }) => {
      if (data.pcm) this.#add(new Int16Array(data.pcm));
      else if (data.clear) this.#clear();
      else if (data.mark !== undefined) this.#queue.push({ mark: data.mark });
    };
  }

  #add(pcm) {
    let samples = Float32Array.from(pcm, (value) => value / 32768);
    if (this.#resampler) samples = this.#resampler.process(samples);
    this.#queue.push(samples);
    this.#buffered += samples.length;
    if (this.#most && this.#buffered > this.#most) this.#drop(this.#buffered - this.#prebuffer);
  }

  #clear() {
    this.#drop(Infinity);
    this.#playing = false;
    if (this.#resampler) this.#resampler = new Resampler(RATE_HZ, sampleRate);
  }

  // Forgets the oldest `count` samples; marks on the way count as played.
  #drop(count) {
    const sink = new Float32Array(128);
    while (count > 0 && this.#queue.length) count -= this.#take(sink, Math.min(count, sink.length)) || Infinity;
    this.#passMarks();
  }

  // Moves up to `wanted` samples into `output`; returns how many.
  #take(output, wanted) {
    let filled = 0;
    this.#passMarks();
    while (filled < wanted && this.#queue.length) {
      const first = this.#queue[0];
      const count = Math.min(wanted - filled, first.length - this.#offset);
      output.set(first.subarray(this.#offset, this.#offset + count), filled);
      filled += count;
      this.#offset += count;
      if (this.#offset === first.length) {
        this.#queue.shift();
        this.#offset = 0;
      }
      this.#passMarks();
    }
    this.#buffered -= filled;
    return filled;
  }

  #passMarks() {
    while (this.#queue.length && this.#queue[0].mark !== undefined) this.port.postMessage({ mark: this.#queue.shift().mark });
  }

  process(_inputs, outputs) {
    const output = outputs[0][0];
    if (!this.#playing) {
      // A sound shorter than the buffer starts as well, once no more of it has come in that time.
      this.#waited = this.#buffered ? this.#waited + output.length : 0;
      this.#playing = this.#buffered > 0 && (this.#buffered >= this.#prebuffer || this.#waited >= this.#prebuffer);
      if (!this.#playing) this.#passMarks();
    }
    if (this.#playing) {
      this.#take(output, output.length);
      if (!this.#buffered) {
        this.#playing = false;
        this.#waited = 0;
      }
    }
    this.#measure(output);
    return true;
  }

  #measure(output) {
    for (const sample of output) this.#energy += sample * sample;
    this.#counted += output.length;
    if (this.#counted < LEVEL_EVERY_S * sampleRate) return;
    this.port.postMessage({ level: Math.sqrt(this.#energy / this.#counted) });
    this.#energy = this.#counted = 0;
  }
}

registerProcessor("playback", Playback);
