/** How a supervisor takes part in a call: hears it; speaks to the operator alone; speaks to everybody. */
export type Mode = "listen" | "whisper" | "barge";

export interface Turn {
  speaker: string;
  text: string;
  atMs: number;
  /** Still being recognised. */
  partial: boolean;
}

/** What `/ws/monitor` says. */
export type FromServer =
  | { type: "mode"; mode: Mode }
  | { type: "transcript"; speaker: string; text: string; at_ms: number; is_final: boolean }
  | { type: "confidential"; confidential: boolean }
  | { type: "error"; code: string };

/** The call that is listened to. mode null: not yet. over: why it ended, by the server's word, "lost" when the connection broke. */
export interface Heard {
  mode: Mode | null;
  turns: readonly Turn[];
  confidential: boolean;
  /** A code: of the server's errors, or of the microphone's (`mic_refused`…). */
  trouble: string;
  over: string | null;
}

export const BEGINNING: Heard = { mode: null, turns: [], confidential: false, trouble: "", over: null };

/** The call after a message. */
export function after(heard: Heard, message: FromServer): Heard {
  switch (message.type) {
    case "mode":
      return { ...heard, mode: message.mode };
    case "confidential":
      return { ...heard, confidential: message.confidential };
    case "error":
      return { ...heard, trouble: message.code };
    case "transcript": {
      // Of what somebody says there is one turn at a time that is still being recognised, and it stands last.
      const kept = heard.turns.filter((one) => !(one.partial && one.speaker === message.speaker));
      const said = { speaker: message.speaker, text: message.text, atMs: message.at_ms, partial: !message.is_final };
      return { ...heard, turns: said.partial ? [...kept, said] : [...kept.filter((one) => !one.partial), said, ...kept.filter((one) => one.partial)] };
    }
  }
}
