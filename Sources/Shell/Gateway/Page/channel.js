/**
 * One topic of a {@link import("./client.js").RollcallSocket}, joined again whenever the
 * connection comes back.
 *
 *     waiting ──connected──▶ joining ──ok──▶ joined ──phx_close──▶ ended
 *        ▲                     │  │             │
 *        └── lost, phx_error, temporary error ──┘    joining ──permanent error──▶ refused
 */
import { Emitter } from "./emitter.js";
import { Refusal, Unanswered } from "./failures.js";
import { replyTimeoutMs, retryDelayMs } from "./pacing.js";

/**
 * Emits `state` when it changes, `joined` with the join's answer before any entry that
 * follows it, and every event of the server under its own name.
 */
export class Channel extends Emitter {
  /** @type {"waiting" | "joining" | "joined" | "refused" | "ended"} */
  state = "waiting";
  /** Why it was refused, or why it ended. @type {Refusal | null} */
  refusal = null;
  #socket;
  #parameters;
  /** @type {string | null} */
  #joinRef = null;
  /** @type {Map<string, {resolve: Function, reject: Function, timer: number}>} */
  #unanswered = new Map();
  /** The last `system` event: it says why a `phx_close` behind it came. */
  #lastWord = {};
  #failures = 0;
  #rejoinTimer = 0;

  /**
   * @param {import("./client.js").RollcallSocket} socket
   * @param {string} topic
   * @param {() => object} parameters
   */
  constructor(socket, topic, parameters) {
    super();
    this.#socket = socket;
    this.topic = topic;
    this.#parameters = parameters;
  }

  /**
   * Asks, and resolves with the server's answer.
   *
   * @param {string} event
   * @param {object} payload
   * @returns {Promise<any>} rejects with {@link Refusal} or {@link Unanswered}
   */
  push(event, payload) {
    if (this.state !== "joined") return Promise.reject(new Unanswered("not joined"));
    return this.#ask(this.#joinRef, event, payload);
  }

  /** Joins again after a refusal or an end, when the person asks for it. */
  tryAgain() {
    if (this.state === "refused" || this.state === "ended") this.#join();
  }

  /** The connection is there: join, unless the server said not to come back. */
  connected() {
    if (this.state !== "refused" && this.state !== "ended") this.#join();
  }

  /** The connection is gone: whatever was asked stays unanswered. */
  disconnected() {
    clearTimeout(this.#rejoinTimer);
    this.#abandon();
    if (this.state === "joining" || this.state === "joined") this.#become("waiting");
  }

  /**
   * @param {string | null} joinRef
   * @param {string | null} ref
   * @param {string} event
   * @param {any} payload
   */
  received(joinRef, ref, event, payload) {
    // What belongs to an earlier join of this topic is over.
    if (joinRef !== null && joinRef !== this.#joinRef) return;
    switch (event) {
      case "phx_reply": return this.#answered(ref, payload);
      case "phx_error": return this.#rejoinLater(retryDelayMs(this.#failures++));
      case "phx_close": return this.#close();
      case "system": this.#lastWord = payload;
    }
    this.emit(event, payload);
  }

  async #join() {
    clearTimeout(this.#rejoinTimer);
    this.#become("joining");
    try {
      await this.#ask(null, "phx_join", this.#parameters());
    } catch (error) {
      if (this.state === "joining") this.#joinFailed(error);
    }
  }

  #ask(joinRef, event, payload) {
    const ref = this.#socket.send(joinRef, this.topic, event, payload);
    if (ref === null) return Promise.reject(new Unanswered("no connection"));
    if (event === "phx_join") this.#joinRef = ref;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#unanswered.delete(ref);
        reject(new Unanswered("no answer in time"));
      }, replyTimeoutMs);
      this.#unanswered.set(ref, { resolve, reject, timer });
    });
  }

  /** Runs at once, not in a later turn: the entries behind a join's answer must find it done. */
  #answered(ref, { status, response }) {
    const question = this.#unanswered.get(ref);
    if (!question) return;
    this.#unanswered.delete(ref);
    clearTimeout(question.timer);
    if (status !== "ok") return question.reject(new Refusal(response));
    if (ref === this.#joinRef) {
      this.#failures = 0;
      this.refusal = null;
      this.emit("joined", response);
      this.#become("joined");
    }
    question.resolve(response);
  }

  /** @param {unknown} error */
  #joinFailed(error) {
    if (error instanceof Refusal && !error.temporary) {
      this.refusal = error;
      this.#become("refused");
    } else {
      const ownDelayMs = retryDelayMs(this.#failures++);
      this.#rejoinLater(error instanceof Refusal ? error.retryAfterMs ?? ownDelayMs : ownDelayMs);
    }
  }

  /** @param {number} delayMs */
  #rejoinLater(delayMs) {
    this.#abandon();
    this.#become("waiting");
    clearTimeout(this.#rejoinTimer);
    this.#rejoinTimer = setTimeout(() => this.connected(), delayMs);
  }

  #close() {
    this.#abandon();
    this.refusal = new Refusal(this.#lastWord);
    this.#become("ended");
  }

  #abandon() {
    this.#joinRef = null;
    for (const { reject, timer } of this.#unanswered.values()) {
      clearTimeout(timer);
      reject(new Unanswered("connection lost"));
    }
    this.#unanswered.clear();
  }

  #become(state) {
    this.state = state;
    this.emit("state", state);
  }
}
