// The operator's socket: a fresh ticket for each connection, and connecting again when it breaks.
import { post } from "../http.js";

const WAITS_S = [1, 2, 4, 8, 15];
const MOST_UNSENT_BYTES = 64000; // 2 s of sound

/** on: open(), message(object), sound(ArrayBuffer), waiting(seconds), replaced(), refused(error). */
export class DeskLink {
  #on;
  #socket = null;
  #tries = 0;
  #timer = 0;
  #closed = false;

  constructor(on) {
    this.#on = on;
  }

  async connect() {
    let ticket;
    try {
      ticket = await post("/api/operator-tickets");
    } catch (error) {
      // Nobody signed in, or not allowed: asking again would not help. A server that is away may come back.
      if (error.status === 401 || error.status === 403) return this.#on.refused(error);
      if (!error.words) throw error;
      return this.#retry();
    }
    if (this.#closed) return;
    const socket = new WebSocket(ticket.url.replace(/^\//, `${location.origin.replace(/^http/, "ws")}/`));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) return this.#on.sound(data);
      const message = JSON.parse(data);
      if (message.type === "welcome") this.#tries = 0;
      this.#on.message(message);
    };
    socket.onclose = ({ reason }) => {
      if (this.#closed) return;
      if (reason === "replaced") this.#on.replaced();
      else this.#retry();
    };
    this.#socket = socket;
  }

  tell(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  sound(pcm) {
    if (this.#socket?.readyState === WebSocket.OPEN && this.#socket.bufferedAmount < MOST_UNSENT_BYTES) this.#socket.send(pcm);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #retry() {
    if (this.#closed) return;
    const seconds = WAITS_S[Math.min(this.#tries++, WAITS_S.length - 1)];
    this.#on.waiting(seconds);
    this.#timer = setTimeout(() => this.connect(), seconds * 1000);
  }
}
