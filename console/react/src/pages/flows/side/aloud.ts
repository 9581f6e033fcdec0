// What the bot says in a simulated call, in the voice that callers of the flow hear.
import { api, data } from "../../../api/client";

const LONGEST = 1000; // letters that the server speaks at once

export interface Said {
  text: string;
  language: string;
}

/** One answer is one text to speak, as far as its language and the server's limit let it. Masked values are not spoken. */
export function together(said: readonly Said[]): Said[] {
  const joined: Said[] = [];
  for (const one of said) {
    const text = one.text.replaceAll("•", "").trim();
    const last = joined[joined.length - 1];
    if (!text) continue;
    if (last?.language === one.language && last.text.length + text.length < LONGEST) last.text += ` ${text}`;
    else joined.push({ text: text.slice(0, LONGEST), language: one.language });
  }
  return joined;
}

/** Plays answers one after the other; a new one cuts off what sounds, as a caller's word would. */
export class Aloud {
  private readonly context = new AudioContext(); // make it in a click: browsers let no other begin to sound
  private source: AudioBufferSourceNode | null = null;
  private round = 0;

  constructor(private readonly flowbook: string) {}

  /** Until the last has sounded, or `hush`. Throws what the server says. */
  async play(said: readonly Said[]): Promise<void> {
    this.hush();
    const round = this.round;
    for (const { text, language } of together(said)) {
      const body = { text, language, voice_engine: "", voice: "", flowbook: this.flowbook };
      const wav = (await data(api.POST("/api/spoken", { body, parseAs: "arrayBuffer" }))) as ArrayBuffer;
      if (round !== this.round) return;
      const buffer = await this.context.decodeAudioData(wav);
      if (round !== this.round) return;
      await this.sound(buffer);
      if (round !== this.round) return;
    }
  }

  hush(): void {
    this.round++;
    this.source?.stop();
    this.source = null;
  }

  close(): void {
    this.hush();
    void this.context.close();
  }

  private sound(buffer: AudioBuffer): Promise<void> {
    const source = new AudioBufferSourceNode(this.context, { buffer });
    this.source = source;
    source.connect(this.context.destination);
    return new Promise((ended) => {
      source.onended = () => ended();
      source.start();
    });
  }
}
