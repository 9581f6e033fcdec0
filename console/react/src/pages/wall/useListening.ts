import { useCallback, useEffect, useRef, useState } from "react";
import { api, data } from "../../api/client";
import { type Loudspeaker, soundModule } from "../desk/sound";
import { after, BEGINNING, type FromServer, type Heard, type Mode } from "./listening";
import type { Operator } from "./wall";

const LIVE_MOST_MS = 400; // a live voice later than this is cut back to the jitter buffer
const MOST_UNSENT_BYTES = 64_000; // 2 s of sound

/** One call, from the ticket to its end. */
class Link {
  private socket: WebSocket | null = null;
  private sound: Loudspeaker | null = null;
  private speaks = false;
  private heard = BEGINNING;
  private closed = false;

  constructor(private readonly changed: (heard: Heard) => void) {}

  async open(callId: string): Promise<void> {
    const { url } = await data(api.POST("/api/calls/{call_id}/monitor-tickets", { params: { path: { call_id: callId } }, body: { notice_read: true } }));
    const { openLoudspeaker } = await soundModule();
    const sound = await openLoudspeaker({ onBlocked: () => this.tell({ trouble: "mic_click" }), mostMs: LIVE_MOST_MS });
    if (this.closed) return sound.close();
    this.sound = sound;
    const socket = new WebSocket(new URL(url, location.origin.replace(/^http/, "ws")));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data: frame }: MessageEvent<ArrayBuffer | string>) => {
      if (frame instanceof ArrayBuffer) this.sound?.play(frame);
      else this.tell(after(this.heard, JSON.parse(frame) as FromServer));
    };
    socket.onclose = ({ reason }) => {
      if (this.closed) return;
      this.close();
      this.tell({ over: reason || "lost" });
    };
    this.socket = socket;
    this.tell({});
  }

  /** The microphone is open only while the supervisor may be heard; it is asked for before anybody could hear it. */
  async become(mode: Mode): Promise<void> {
    this.tell({ trouble: "" });
    if (mode === "listen" ? this.speaks : !this.speaks) await this.change(mode !== "listen");
    if (mode === "listen" || this.speaks) this.send({ type: "mode", mode });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.send({ type: "stop" });
    this.socket?.close();
    void this.sound?.close();
  }

  private async change(speaks: boolean): Promise<void> {
    const { openSound, openLoudspeaker, MicrophoneError } = await soundModule();
    const onBlocked = () => this.tell({ trouble: "mic_click" });
    const speak = (pcm: ArrayBuffer) => {
      if (this.socket?.readyState === WebSocket.OPEN && this.socket.bufferedAmount < MOST_UNSENT_BYTES) this.socket.send(pcm);
    };
    let next: Loudspeaker;
    try {
      const onLost = () => this.tell({ trouble: "mic_lost" });
      next = await (speaks ? openSound({ onFrame: speak, onLost, onBlocked, mostMs: LIVE_MOST_MS }) : openLoudspeaker({ onBlocked, mostMs: LIVE_MOST_MS }));
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      return this.tell({ trouble: `mic_${error.code}` });
    }
    if (this.closed) return next.close();
    void this.sound?.close();
    this.sound = next;
    this.speaks = speaks;
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private tell(more: Partial<Heard>): void {
    this.heard = { ...this.heard, ...more };
    this.changed(this.heard);
  }
}

export interface Listening {
  /** Whose call it is; null: none. */
  operator: Operator | null;
  heard: Heard;
  start: (operator: Operator) => Promise<void>;
  become: (mode: Mode) => void;
  stop: () => void;
}

/** The call that this page listens to; leaving the page ends it. */
export function useListening(): Listening {
  const [operator, setOperator] = useState<Operator | null>(null);
  const [heard, setHeard] = useState<Heard>(BEGINNING);
  const link = useRef<Link | null>(null);
  const stop = useCallback(() => {
    link.current?.close();
    link.current = null;
    setOperator(null);
    setHeard(BEGINNING);
  }, []);
  const start = useCallback(
    async (wanted: Operator) => {
      stop();
      const opened = new Link(setHeard);
      link.current = opened;
      await opened.open(wanted.call_id);
      setOperator(wanted);
    },
    [stop],
  );
  useEffect(() => stop, [stop]);
  return { operator, heard, start, become: (mode) => void link.current?.become(mode), stop };
}
