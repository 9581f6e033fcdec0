// Streaming change of sample rate by a windowed sinc, for browsers whose audio does not run at 16 kHz.

const ZERO_CROSSINGS = 16;
const STEPS = 256; // table entries for one input sample
const PASSBAND = 0.92; // of the lower Nyquist frequency; the rest is the filter's slope

export class Resampler {
  #step;
  #half;
  #table;
  #kept;
  #at;

  constructor(fromHz, toHz) {
    this.#step = fromHz / toHz;
    const cutoff = Math.min(1, toHz / fromHz) * PASSBAND;
    this.#half = Math.ceil(ZERO_CROSSINGS / cutoff);
    this.#table = new Float32Array(this.#half * STEPS + 1);
    for (let i = 0; i < this.#table.length; i++) {
      const x = i / STEPS;
      const angle = Math.PI * cutoff * x;
      const sinc = x === 0 ? 1 : Math.sin(angle) / angle;
      const window = 0.42 + 0.5 * Math.cos((Math.PI * x) / this.#half) + 0.08 * Math.cos((2 * Math.PI * x) / this.#half);
      this.#table[i] = cutoff * sinc * window;
    }
    this.#kept = new Float32Array(this.#half); // silence before the first sample
    this.#at = this.#half; // where the next output lies, in samples of #kept
  }

  /** The output that the samples so far allow; `half` samples of the input are held back for the next call. */
  process(samples) {
    const input = new Float32Array(this.#kept.length + samples.length);
    input.set(this.#kept);
    input.set(samples, this.#kept.length);
    const last = input.length - this.#half - 1;
    const output = new Float32Array(Math.max(0, Math.floor((last - this.#at) / this.#step) + 1));
    for (let n = 0; n < output.length; n++) {
      const at = this.#at + n * this.#step;
      let sum = 0;
      for (let i = Math.ceil(at - this.#half); i <= at + this.#half; i++) {
        sum += input[i] * this.#table[Math.round(Math.abs(at - i) * STEPS)];
      }
      output[n] = sum;
    }
    const next = this.#at + output.length * this.#step;
    const drop = Math.max(0, Math.floor(next) - this.#half);
    this.#kept = input.slice(drop);
    this.#at = next - drop;
    return output;
  }
}
