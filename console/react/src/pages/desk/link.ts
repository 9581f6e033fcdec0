// The operator's socket: a fresh ticket for each connection, and connecting again when it breaks.
import { api, data } from "../../api/client";
import { ApiError } from "../../api/errors";
import type { FromServer, ToServer } from "./protocol";

const WAITS_S = [1, 2, 4, 8, 15] as const;
const HAND_OVER_MS = 5000;
const MOST_UNSENT_BYTES = 64_000; // 2 s of sound

/** How many seconds to wait before the next try, after so many that failed. */
export function waitS(tries: number): number {
  return WAITS_S[Math.min(tries, WAITS_S.length - 1)] ?? 15;
}

interface On {
  message: (message: FromServer) => void;
  sound: (pcm: ArrayBuffer) => void;
  lost: (againInS: number) => void;
  replaced: () => void;
  signedOff: () => void;
  refused: (error: ApiError) => void;
}

export class DeskLink {
  private readonly on: On;
  private socket: WebSocket | null = null;
  private tries = 0;
  private timer = 0;
  private closed = false;

  constructor(on: On) {
    this.on = on;
  }

  async connect(): Promise<void> {
    let url: string;
    try {
      ({ url } = await data(api.POST("/api/operator-tickets")));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Nobody signed in, or not allowed: asking again would not help. A server that is away may come back.
      if (error.status === 401 || error.status === 403) return this.on.refused(error);
      return this.retry();
    }
    if (this.closed) return;
    const socket = new WebSocket(new URL(url, location.origin.replace(/^http/, "ws")));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data: frame }: MessageEvent<ArrayBuffer | string>) => {
      if (frame instanceof ArrayBuffer) return this.on.sound(frame);
      const message = JSON.parse(frame) as FromServer;
      if (message.type === "welcome") this.tries = 0;
      this.on.message(message);
    };
    socket.onclose = ({ reason }) => {
      if (this.closed) return;
      if (reason === "replaced") this.on.replaced();
      else if (reason === "signed_off") this.on.signedOff();
      else this.retry();
    };
    this.socket = socket;
  }

  tell(message: ToServer): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  sound(pcm: ArrayBuffer): void {
    if (this.socket?.readyState === WebSocket.OPEN && this.socket.bufferedAmount < MOST_UNSENT_BYTES) this.socket.send(pcm);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  /**
   * Another tab goes on with the seat. The connection stays until that one is there, so that the server gives it what this
   * one had: the state, and an offer.
   */
  handOver(): void {
    this.closed = true;
    clearTimeout(this.timer);
    const { socket } = this;
    if (!socket) return;
    socket.onmessage = null;
    setTimeout(() => socket.close(), HAND_OVER_MS);
  }

  private retry(): void {
    if (this.closed) return;
    const seconds = waitS(this.tries++);
    this.on.lost(seconds);
    this.timer = window.setTimeout(() => void this.connect(), seconds * 1000);
  }
}
