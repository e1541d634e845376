/**
 * One WebSocket to Rollcall that comes back by itself: Phoenix Channels, version 2, text.
 *
 *     idle ──open()──▶ connecting ──▶ online
 *                        ▲   │          │ lost
 *                 retry  │   ▼          ▼
 *                        waiting ◀──────┘        ended: closed for good, by us or by a code ≥ 4500
 */
import { Channel } from "./channel.js";
import { Emitter } from "./emitter.js";
import { Refusal } from "./failures.js";
import { replyTimeoutMs, retryDelayMs } from "./pacing.js";

/** The server closes a connection that was silent for 60 s (protocol §2). */
const heartbeatEveryMs = 30_000;
/** The same after waking up, when somebody looks at the page and a dead socket is likely. */
const wakeTimeoutMs = 4_000;
/** From this close code on the server does not want us back. */
const firstFinalCode = 4500;
/** We gave the socket up. Not 1000, which would tell the others that the person left. */
const presumedDead = 4900;

/**
 * Emits `state` whenever {@link RollcallSocket#state} changes.
 *
 * @typedef {{name: "idle" | "connecting" | "online"}
 *   | {name: "waiting", retryAt: number}
 *   | {name: "ended", reason: string}} SocketState
 */
export class RollcallSocket extends Emitter {
  /** @type {SocketState} */
  state = { name: "idle" };
  /** @type {() => Promise<string>} */
  #address;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<string, Channel>} */
  #channels = new Map();
  /** Names the current try: one that comes back late finds another number. */
  #try = 0;
  #failures = 0;
  #lastRef = 0;
  /** @type {string | null} the heartbeat that waits for its answer */
  #heartbeatRef = null;
  #timers = { retry: 0, open: 0, heartbeat: 0 };
  #stopListening = new AbortController();
  /** @type {Worker | null} */
  #pulse = null;

  /**
   * @param {() => Promise<string>} address gives the URL of each new try, with a token that
   *   is still good; a {@link Refusal} from it ends the socket
   */
  constructor(address) {
    super();
    this.#address = address;
  }

  /** Starts, and keeps the connection from then on. */
  open() {
    const { signal } = this.#stopListening;
    addEventListener("online", () => this.retryNow(), { signal });
    addEventListener("offline", () => this.#lose(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#wake(), { signal });
    document.addEventListener(
      "visibilitychange", () => document.hidden || this.#wake(), { signal });
    this.#pulse = new Worker("/pulse.js");
    this.#pulse.onmessage = () => this.#beat(replyTimeoutMs);
    this.#pulse.postMessage(heartbeatEveryMs);
    this.#connect();
  }

  /** Closes for good. The others see the person leave at once. */
  close(reason = "closed") {
    this.#stopListening.abort();
    this.#pulse?.terminate();
    const socket = this.#detach();
    socket?.close(1000);
    this.#become({ name: "ended", reason });
  }

  /** Connects now if it is waiting for its next try. */
  retryNow() {
    if (this.state.name === "waiting") this.#connect();
  }

  /**
   * The channel of a topic; asks to join as soon as the connection allows.
   *
   * @param {string} topic
   * @param {() => object} parameters asked for at every join and rejoin
   */
  channel(topic, parameters) {
    const channel = new Channel(this, topic, parameters);
    this.#channels.set(topic, channel);
    if (this.state.name === "online") channel.connected();
    return channel;
  }

  /**
   * Sends one envelope and returns its `ref`; without a connection, null.
   *
   * @param {string | null} joinRef null: the envelope is itself a join and names both refs
   */
  send(joinRef, topic, event, payload) {
    if (this.state.name !== "online" || !this.#socket) return null;
    const ref = String(++this.#lastRef);
    const ownJoinRef = event === "phx_join" ? ref : joinRef;
    this.#socket.send(JSON.stringify([ownJoinRef, ref, topic, event, payload]));
    return ref;
  }

  async #connect() {
    this.#detach();
    const current = ++this.#try;
    this.#become({ name: "connecting" });
    let address;
    try {
      address = await this.#address();
    } catch (error) {
      if (current !== this.#try) return;
      if (error instanceof Refusal) this.close(error.reason);
      else this.#waitForRetry();
      return;
    }
    if (current !== this.#try) return;
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#timers.open = setTimeout(() => this.#lose(), replyTimeoutMs);
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
  }

  #opened() {
    clearTimeout(this.#timers.open);
    this.#failures = 0;
    this.#become({ name: "online" });
    for (const channel of this.#channels.values()) channel.connected();
  }

  /** @param {number} code @param {string} reason */
  #closed(code, reason) {
    this.#detach();
    if (code >= firstFinalCode) this.close(reason || `closed by the server (${code})`);
    else this.#waitForRetry();
  }

  /** Takes the socket out of service; nothing it still says is heard. */
  #detach() {
    this.#try += 1;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#heartbeatRef = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    for (const channel of this.#channels.values()) channel.disconnected();
    return socket;
  }

  /** Gives up a socket that does not answer, without waiting for its closing handshake. */
  #lose() {
    if (!this.#socket) return;
    this.#detach()?.close(presumedDead);
    this.#waitForRetry();
  }

  #waitForRetry() {
    const delayMs = retryDelayMs(this.#failures++);
    this.#timers.retry = setTimeout(() => this.#connect(), delayMs);
    this.#become({ name: "waiting", retryAt: Date.now() + delayMs });
  }

  /** After sleep a socket can look open and be long dead: ask it, and do not wait long. */
  #wake() {
    this.retryNow();
    this.#beat(wakeTimeoutMs);
  }

  /** @param {number} timeoutMs */
  #beat(timeoutMs) {
    this.#heartbeatRef = this.send(null, "phoenix", "heartbeat", {});
    if (this.#heartbeatRef === null) return;
    clearTimeout(this.#timers.heartbeat);
    this.#timers.heartbeat = setTimeout(() => this.#lose(), timeoutMs);
  }

  /** @param {unknown} data */
  #received(data) {
    // Binary frames carry nothing this page joined; a later server may send what we cannot read.
    if (typeof data !== "string") return;
    const [joinRef, ref, topic, event, payload] = JSON.parse(data);
    if (topic === "phoenix") {
      if (ref === this.#heartbeatRef) clearTimeout(this.#timers.heartbeat);
      return;
    }
    this.#channels.get(topic)?.received(joinRef, ref, event, payload);
  }

  /** @param {SocketState} state */
  #become(state) {
    this.state = state;
    this.emit("state", state);
  }
}
