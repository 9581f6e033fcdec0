// The sound of a call over WebRTC. The websocket carries it until this has joined, and again when it is gone.
import type { Sound } from "./sound";
import { soundModule } from "./sound";

const JOIN_MS = 10_000; // the server gives up before
const LOST_MS = 1_000; // the server sends 50 packets a second, silence too
const LOOK_EVERY_MS = 250;

interface On {
  offer: (sdp: string) => void;
  gone: (why: "failed" | "lost") => void;
}

/** One call's. Nothing is called after `close`. */
export class Peer {
  private readonly connection: RTCPeerConnection;
  private readonly on: On;
  private readonly timers: number[] = [];
  private silence: (() => void) | null = null;
  private received = 0;
  private receivedAtMs = 0;
  private closed = false;

  constructor(sound: Sound, iceServers: readonly RTCIceServer[], on: On) {
    this.on = on;
    this.connection = new RTCPeerConnection({ iceServers: [...iceServers] });
    for (const track of sound.stream.getAudioTracks()) this.connection.addTrack(track, sound.stream);
    this.connection.ontrack = ({ track }) => void this.play(new MediaStream([track]));
    this.connection.onconnectionstatechange = () => {
      if (this.connection.connectionState === "failed") this.end("failed");
    };
  }

  /** No address is waited for: the server hears from this browser first, and answers where it came from. */
  async offer(): Promise<void> {
    this.timers.push(window.setTimeout(() => this.end("failed"), JOIN_MS));
    const offer = await this.connection.createOffer();
    await this.connection.setLocalDescription(offer);
    if (!this.closed) this.on.offer(offer.sdp ?? "");
  }

  async answered(sdp: string): Promise<void> {
    try {
      await this.connection.setRemoteDescription({ type: "answer", sdp });
    } catch {
      this.end("failed"); // an answer that this browser cannot use; the server hears of it by what is told next
    }
  }

  /** The server hears this browser: from now on a silence of the server's is a lost connection. */
  joined(): void {
    this.clearTimers();
    this.receivedAtMs = performance.now();
    this.timers.push(window.setInterval(() => void this.look(), LOOK_EVERY_MS));
  }

  close(): void {
    this.closed = true;
    this.clearTimers();
    this.silence?.();
    this.connection.close();
  }

  private async play(stream: MediaStream): Promise<void> {
    const { playStream } = await soundModule();
    if (!this.closed) this.silence = playStream(stream, () => this.end("failed"));
  }

  private async look(): Promise<void> {
    const received = receivedOf(await this.connection.getStats());
    const nowMs = performance.now();
    if (received > this.received) [this.received, this.receivedAtMs] = [received, nowMs];
    else if (nowMs - this.receivedAtMs > LOST_MS) this.end("lost");
  }

  private end(why: "failed" | "lost"): void {
    if (this.closed) return;
    this.close();
    this.on.gone(why);
  }

  private clearTimers(): void {
    for (const timer of this.timers.splice(0)) clearTimeout(timer); // of an interval as well
  }
}

/** Packets of sound that came so far. */
export function receivedOf(stats: Pick<RTCStatsReport, "forEach">): number {
  let packets = 0;
  stats.forEach((one: { type?: string; packetsReceived?: number }) => {
    if (one.type === "inbound-rtp") packets += one.packetsReceived ?? 0;
  });
  return packets;
}
