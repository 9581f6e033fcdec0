// The softphone of this tab: joins the socket, the sound, the ring and the state. It outlives the page of the desk, so
// that a call goes on while its operator looks something up on another page.
import { useSyncExternalStore } from "react";
import { ApiError, leaveWhenSignedOut } from "../../api/errors";
import { CLOSED, type Deed, type Desk, done, heard, rings, type Step, talks, triesWebrtc } from "./desk";
import { DeskLink } from "./link";
import { followOwner, type Left, ownSoftphone, tellFollowers } from "./oneTab";
import { allowRinging, chime, ring, type RingWords, stopRinging } from "./ring";
import type { FromServer } from "./protocol";
import { type Sound, soundModule } from "./sound";
import type { Peer } from "./webrtc";

const LIVE_MOST_MS = 400; // a live voice later than this is cut back to the jitter buffer

class Softphone {
  private desk: Desk = CLOSED;
  private link: DeskLink | null = null;
  private giveBack: (() => void) | null = null;
  private unfollow: (() => void) | null = null;
  private sound: Sound | null = null;
  private opening = false;
  private peer: Peer | null = null;
  private joining = false;
  private ringing = "";
  private readonly watchers = new Set<() => void>();
  /** Set by the page, in the reader's language. */
  ringWords: (desk: Desk) => RingWords = () => ({ tab: "", title: "", text: "" });
  /** An error of the ticket that no other try would help. */
  refused: ApiError | null = null;

  readonly now = (): Desk => this.desk;

  readonly watch = (changed: () => void): (() => void) => {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  };

  /** Something the operator did. */
  readonly do = (deed: Deed): void => this.take(done(this.desk, deed));

  /** Takes the seat, unless it is taken already. steal: from another tab. */
  async sit(steal = false): Promise<void> {
    const { at } = this.desk.link;
    if (at === "closed" || (at === "elsewhere" && steal)) await this.begin(steal);
  }

  private async begin(steal: boolean): Promise<void> {
    this.stop();
    this.refused = null;
    this.do({ type: "connecting" });
    const give = await ownSoftphone(steal, () => {
      this.link?.handOver();
      this.link = null;
      this.follow("moved");
    });
    if (!give) return this.follow("other_tab");
    this.giveBack = give;
    this.link = new DeskLink({
      message: (message) => this.hear(message),
      sound: (pcm) => this.sound?.play(pcm),
      lost: (againInS) => this.do({ type: "lost", againInS }),
      replaced: () => this.gone("moved"),
      signedOff: () => this.gone("signed_off"),
      refused: (error) => {
        leaveWhenSignedOut(error);
        this.refused = error;
        this.stop();
        this.do({ type: "closed" });
      },
    });
    await this.link.connect();
  }

  /** The microphone is asked for now, so that no permission window stands between an answered call and the caller. */
  async becomeAvailable(): Promise<void> {
    const { openMicrophone, closeMicrophone, MicrophoneError } = await soundModule();
    try {
      closeMicrophone(await openMicrophone());
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      return this.do({ type: "microphone_failed", code: error.code, detail: error.detail });
    }
    await allowRinging();
    this.do({ type: "choose", state: "available" });
  }

  private hear(message: FromServer): void {
    if (message.type === "webrtc_answer") void this.peer?.answered(message.sdp);
    else this.take(heard(this.desk, message, performance.now()));
  }

  private take([next, ...told]: Step): void {
    const before = this.desk;
    this.desk = next;
    for (const message of told) this.link?.tell(message);
    this.sounds(before);
    for (const changed of this.watchers) changed();
  }

  /** What sounds follows what is. */
  private sounds(before: Desk): void {
    const { desk } = this;
    const offer = rings(desk) ? (desk.offer?.id ?? "") : "";
    if (offer !== this.ringing) {
      this.ringing = offer;
      if (offer) ring(this.ringWords(desk));
      else stopRinging();
    }
    if (before.withBot !== null && desk.withBot === null && talks(desk)) chime(); // a call that comes back does not ring
    if (!talks(desk)) this.closeSound();
    else if (!talks(before) || (!this.sound && before.link !== desk.link)) void this.talk();
    if (before.muted !== desk.muted) this.sound?.mute(desk.muted);
    if (before.webrtc?.at !== "on" && desk.webrtc?.at === "on") this.peer?.joined();
    if (this.sound && triesWebrtc(desk)) void this.join(this.sound);
    else if (desk.webrtc?.at !== "joining" && desk.webrtc?.at !== "on") this.closePeer();
  }

  /** The call is heard by its websocket until the server says that it hears us. */
  private async join(sound: Sound): Promise<void> {
    if (this.peer || this.joining) return;
    this.joining = true;
    const gone = (why: "failed" | "lost") => {
      this.peer = null;
      this.do({ type: "webrtc_gone", why });
    };
    try {
      const { Peer } = await import("./webrtc");
      if (this.sound !== sound || !triesWebrtc(this.desk)) return;
      this.peer = new Peer(sound, this.desk.webrtc?.iceServers ?? [], { offer: (sdp) => this.do({ type: "webrtc_tried", sdp }), gone });
      await this.peer.offer();
    } catch (error) {
      // A browser without WebRTC, or one in which it is switched off; the call goes on as it is.
      console.warn("WebRTC:", error);
      this.closePeer();
      gone("failed");
    } finally {
      this.joining = false;
    }
  }

  private closePeer(): void {
    this.peer?.close();
    this.peer = null;
  }

  private async talk(): Promise<void> {
    if (this.sound || this.opening) return;
    this.opening = true;
    const { openSound, MicrophoneError } = await soundModule();
    const failed = (code: string, detail = "") => this.do({ type: "microphone_failed", code, detail });
    try {
      const opened = await openSound({
        onFrame: (pcm) => this.desk.webrtc?.at === "on" || this.link?.sound(pcm),
        onLost: () => failed("lost"),
        onBlocked: () => failed("click"),
        mostMs: LIVE_MOST_MS,
      });
      if (!talks(this.desk)) return await opened.close();
      this.sound = opened;
      opened.mute(this.desk.muted);
      if (triesWebrtc(this.desk)) void this.join(opened);
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      failed(error.code, error.detail);
    } finally {
      this.opening = false;
    }
  }

  private closeSound(): void {
    this.closePeer();
    void this.sound?.close();
    this.sound = null;
  }

  private stop(): void {
    this.link?.close();
    this.link = null;
    this.giveBack?.();
    this.giveBack = null;
    this.unfollow?.();
    this.unfollow = null;
  }

  /** Another tab has the softphone; when that one is closed, this one goes on with what it had. */
  private follow(why: "other_tab" | "moved"): void {
    this.leave(why);
    this.unfollow = followOwner(
      () => void this.begin(false),
      (left) => this.leave(left),
    );
  }

  /** The desk is in another browser now, or closed: no tab of this one is to take it by itself. */
  private gone(why: Left): void {
    tellFollowers(why);
    this.leave(why);
  }

  /** This tab has no softphone (any more). */
  private leave(why: "other_tab" | "moved" | "signed_off"): void {
    this.stop();
    this.do({ type: "elsewhere", why });
  }
}

export const softphone = new Softphone();

/** The desk as it is now. */
export function useDesk(): Desk {
  return useSyncExternalStore(softphone.watch, softphone.now);
}
