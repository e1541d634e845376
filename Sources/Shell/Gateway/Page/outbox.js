/**
 * Messages written here and not yet acknowledged.
 *
 * They live in sessionStorage, so a reload keeps them, and go out one after the other under
 * the `client_id` they were born with: sending again after an unknown outcome is harmless.
 *
 *     waiting ──▶ sending ──ok──▶ gone          sending ──refused for good──▶ failed
 *        ▲           │                             │
 *        └── lost, temporary refusal ◀── retry ────┘
 */
import { Emitter } from "./emitter.js";
import { Refusal } from "./failures.js";
import { wordsFor } from "./words.js";

/** Before trying again when the server named no time. */
const retryMs = 2_000;

/**
 * @typedef {{clientId: string, text: string, at: string,
 *   state: "waiting" | "sending" | "failed", note?: string, reason?: string}} Item
 *
 * Emits `change`, and `sent` with `{item, answer}`.
 */
export class Outbox extends Emitter {
  /** @type {Item[]} oldest first */
  items = [];
  #key;
  #send;
  #isOpen = false;
  #isBusy = false;
  #timer = 0;
  /** The server asked for rest until then; new messages line up behind. */
  #notBefore = 0;

  /**
   * @param {string} person
   * @param {string} course
   * @param {(item: Item) => Promise<any>} send resolves with the server's acknowledgement
   */
  constructor(person, course, send) {
    super();
    this.#key = keyOf(person, course);
    this.#send = send;
    this.items = stored(this.#key);
  }

  /** The courses for which this person still has something to send. @param {string} person */
  static coursesWaiting(person) {
    const prefix = keyOf(person, "");
    return Object.keys(sessionStorage)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }

  /** @param {string} text */
  add(text) {
    const at = new Date().toISOString();
    this.items.push({ clientId: newClientID(), text, at, state: "waiting" });
    this.#changed();
    this.#next();
  }

  /** Sends a failed message again. @param {string} clientId */
  retry(clientId) {
    const item = this.items.find((one) => one.clientId === clientId);
    if (item?.state !== "failed") return;
    // Under this id the server holds another text for ever.
    if (item.reason === "client_id_conflict") item.clientId = newClientID();
    Object.assign(item, { state: "waiting", note: undefined, reason: undefined });
    this.#changed();
    this.#next();
  }

  /** Gives a message up, or takes it out because the server has it. @param {string} clientId */
  remove(clientId) {
    const index = this.items.findIndex((one) => one.clientId === clientId);
    if (index < 0) return;
    this.items.splice(index, 1);
    this.#changed();
  }

  /** The channel is joined: whatever waits may go. */
  start() {
    this.#isOpen = true;
    this.#notBefore = 0;
    this.#next();
  }

  /** The channel is gone: what is under way ends as unanswered and waits again. */
  stop() {
    this.#isOpen = false;
    clearTimeout(this.#timer);
  }

  /** One at a time: a refused message must not be overtaken by the next one. */
  async #next() {
    const item = this.items.find(({ state }) => state === "waiting");
    if (!item || !this.#isOpen || this.#isBusy || Date.now() < this.#notBefore) return;
    this.#isBusy = true;
    item.state = "sending";
    try {
      const answer = await this.#send(item);
      this.emit("sent", { item, answer });
      this.remove(item.clientId);
    } catch (error) {
      this.#failed(item, error);
    }
    this.#isBusy = false;
    if (item.state !== "waiting") this.#next();
  }

  /** @param {Item} item @param {unknown} error */
  #failed(item, error) {
    if (error instanceof Refusal && !error.temporary) {
      Object.assign(item, { state: "failed", note: wordsFor(error), reason: error.reason });
    } else {
      item.state = "waiting";
      item.note = error instanceof Refusal ? wordsFor(error) : undefined;
      const delayMs = error instanceof Refusal ? error.retryAfterMs ?? retryMs : retryMs;
      this.#notBefore = Date.now() + delayMs;
      // A little later than asked, so that the guard above has surely run out.
      this.#timer = setTimeout(() => this.#next(), delayMs + 20);
    }
    this.#changed();
  }

  #changed() {
    if (this.items.length === 0) sessionStorage.removeItem(this.#key);
    else sessionStorage.setItem(this.#key, JSON.stringify(this.items));
    this.emit("change");
  }
}

const keyOf = (person, course) => `rollcall.outbox ${person} ${course}`;

/** @param {string} key @returns {Item[]} */
function stored(key) {
  const items = JSON.parse(sessionStorage.getItem(key) ?? "[]");
  return items.map((item) => item.state === "sending" ? { ...item, state: "waiting" } : item);
}

/** Not `crypto.randomUUID`: a phone that comes over plain http does not have it. */
function newClientID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
