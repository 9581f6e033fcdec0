// One call over the browser door: the wire between the sound and the server. Knows nothing of the page.
import { openSound } from "../audio/sound.js";
import { post } from "../http.js";

const MOST_UNSENT_BYTES = 64000; // 2 s of sound; beyond it the network is too slow and sound is left out

/**
 * The page gives `on`: ready(message), transcript(message), level(0..1), heard(0..1), slow(), micLost(), blocked(),
 * ended({ reason, refused, dropped }) exactly once after `start` succeeded.
 */
export class BrowserCall {
  #on;
  #socket = null;
  #sound = null;
  #ready = false;
  #over = false;
  #reason = "";

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
    connecting();
    let ticket;
    try {
      ticket = await post("/api/browser-calls", { line });
    } catch (error) {
      await this.#sound.close();
      throw error;
    }
    const socket = new WebSocket(ticket.url.replace(/^\//, `${location.origin.replace(/^http/, "ws")}/`));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#tell({ type: "start", line, caller: "", rate_hz: 16000 });
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#finish(code, reason);
    this.#socket = socket;
  }

  press(digit) {
    this.#tell({ type: "dtmf", digit });
  }

  mute(muted) {
    this.#sound?.mute(muted);
  }

  hangUp() {
    this.#reason ||= "caller_hung_up";
    this.#tell({ type: "stop" });
    // The server closes after a stop; a server that is gone must not keep us on the line.
    setTimeout(() => this.#finish(1000, ""), 1000);
    this.#sound.close();
  }

  #receive(data) {
    if (data instanceof ArrayBuffer) return this.#sound.play(data);
    const message = JSON.parse(data);
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
    if (this.#socket.bufferedAmount > MOST_UNSENT_BYTES) this.#on.slow();
    else this.#socket.send(pcm);
  }

  #tell(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #finish(code, reason) {
    if (this.#over) return;
    this.#over = true;
    this.#socket.close();
    this.#sound.close();
    const normal = code === 1000 || this.#reason;
    this.#on.ended({ reason: this.#reason, refused: normal ? "" : reason || "", dropped: !normal && !reason });
  }
}
