// One call over the browser door: the wire between the sound and the server. Knows nothing of the page.
import { openSound } from "../audio/sound.js";
import { post } from "../http.js";

const MOST_UNSENT_BYTES = 64000; // 2 s of sound; beyond it the network is too slow and sound is left out
const STUCK_MS = 4000; // a connection that takes no sound for so long is as good as broken
const TRY_EVERY_MS = 1000; // for another connection, while the server keeps the call
const ANSWERED_MS = 4000; // the longest that one try may take

/**
 * The page gives `on`: ready(message), transcript(message), level(0..1), heard(0..1), slow(), micLost(), blocked(),
 * lost() and resumed() around a time without connection, ended({ reason, refused, dropped }) exactly once after
 * `start` succeeded.
 */
export class BrowserCall {
  #on;
  #socket = null;
  #sound = null;
  #muted = false;
  #ready = false;
  #over = false;
  #reason = "";
  #token = ""; // opens the next connection to the same call
  #within_ms = 0; // how long the server keeps the call for that
  #stuckSince = 0;

  constructor(on) {
    this.#on = on;
  }

  /** Opens the microphone, then the socket. Throws MicrophoneError or ApiError; nothing stays open then. */
  async start(line, connecting) {
    this.#sound = await openSound({
      onFrame: (pcm) => this.#send(pcm),
      onLevel: (level) => this.#on.level(level),
      onHeard: (level) => this.#on.heard(level),
      onMark: (name) => this.#tell({ type: "mark", name }),
      onLost: () => this.#on.micLost(),
      onBlocked: () => this.#on.blocked(),
    });
    this.#sound.mute(this.#muted); // asked for before there was a microphone
    if (this.#over) return this.#sound.close(); // and so was hanging up
    connecting();
    let ticket;
    try {
      ticket = await post("/api/browser-calls", { line });
    } catch (error) {
      await this.#sound.close();
      throw error;
    }
    if (this.#over) return;
    this.#socket = this.#open(ticket.url);
    this.#socket.onopen = () => this.#tell({ type: "start", line, caller: "", rate_hz: 16000 });
    this.#socket.onclose = ({ code, reason }) => this.#closed(code, reason);
  }

  changeMicrophone() {
    return this.#sound.changeMicrophone();
  }

  changeSpeaker() {
    return this.#sound.changeSpeaker();
  }

  press(digit) {
    this.#tell({ type: "dtmf", digit });
  }

  mute(muted) {
    this.#muted = muted;
    this.#sound?.mute(muted);
  }

  hangUp() {
    this.#reason ||= "caller_hung_up";
    this.#tell({ type: "stop" });
    if (this.#socket?.readyState !== WebSocket.OPEN) return this.#goneAway();
    // The server closes after a stop; a server that is gone must not keep us on the line.
    setTimeout(() => this.#goneAway(), 1000);
    this.#sound.close();
  }

  // Over without a connection that could say so: a beacon tells the server, which else keeps the call for a while.
  #goneAway() {
    if (!this.#over && this.#token) navigator.sendBeacon("/api/browser-calls/hang-up", this.#token);
    this.#finish(1000, "");
  }

  #receive(data) {
    if (data instanceof ArrayBuffer) return this.#sound.play(data);
    const message = JSON.parse(data);
    if (message.resume) [this.#token, this.#within_ms] = [message.resume, message.resume_within_s * 1000];
    if (message.type === "ready") {
      this.#ready = true;
      this.#on.ready(message);
    } else if (message.type === "mark") this.#sound.mark(message.name);
    else if (message.type === "clear") this.#sound.clear();
    else if (message.type === "transcript") this.#on.transcript(message);
    else if (message.type === "ended") this.#reason ||= message.reason;
  }

  // Sound before `ready` would reach a server that does not listen yet.
  #send(pcm) {
    if (!this.#ready || this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount <= MOST_UNSENT_BYTES) {
      this.#stuckSince = 0;
      return this.#socket.send(pcm);
    }
    this.#on.slow();
    this.#stuckSince ||= performance.now();
    if (performance.now() - this.#stuckSince > STUCK_MS) this.#closed(1006, "");
  }

  #tell(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #open(url) {
    const socket = new WebSocket(url.replace(/^\//, `${location.origin.replace(/^http/, "ws")}/`));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#receive(data);
    return socket;
  }

  // The server keeps a call whose connection broke for a while; one that it closed itself is over.
  #closed(code, reason) {
    if (this.#over) return;
    if (code !== 1006 || !this.#token || this.#reason) return this.#finish(code, reason);
    this.#socket.onclose = this.#socket.onmessage = null;
    this.#socket.close();
    this.#stuckSince = 0;
    this.#on.lost();
    this.#tryAgain(performance.now() + this.#within_ms);
  }

  #tryAgain(until_ms) {
    if (this.#over) return;
    if (performance.now() > until_ms) return this.#finish(1006, "");
    const socket = (this.#socket = this.#open(`/ws/browser?resume=${encodeURIComponent(this.#token)}`));
    const again = () => {
      socket.onclose = socket.onmessage = null;
      socket.close();
      setTimeout(() => this.#tryAgain(until_ms), TRY_EVERY_MS);
    };
    const late = setTimeout(again, ANSWERED_MS);
    socket.onopen = () => {
      clearTimeout(late);
      socket.onclose = ({ code, reason }) => this.#closed(code, reason);
      this.#sound.clear(); // the server says its sentence again
      this.#on.resumed();
    };
    socket.onclose = () => {
      clearTimeout(late);
      again();
    };
  }

  #finish(code, reason) {
    if (this.#over) return;
    this.#over = true;
    this.#socket?.close();
    this.#sound?.close();
    const normal = code === 1000 || this.#reason;
    this.#on.ended({ reason: this.#reason, refused: normal ? "" : reason || "", dropped: !normal && !reason });
  }
}
