/**
 * One course as this person sees it: what was said, what waits to be sent, who is there and
 * who is typing. Holds everything of `course:<id>` and nothing of the DOM.
 */
import { Emitter } from "./emitter.js";
import { Outbox } from "./outbox.js";
import { Roster } from "./roster.js";
import { Timeline, seqOf } from "./timeline.js";

/** Enough to fill a tall screen at once. */
const firstPage = 50;
/** The most the server gives (Protocol/limits.json, `historyMost`). */
const missedPage = 200;
/** The server lets one `typing` in 2 s through; a little slower never meets the limit. */
const typingEveryMs = 2_200;
/** How long `typing` is shown (protocol §4). */
const typingShownMs = 5_000;
/** After a load failed, nothing loads by itself for so long. */
const loadRestMs = 3_000;

/**
 * Emits `change`; `arrived` with a message of somebody else that was said just now; `reset`
 * when the server made it forget what it held.
 */
export class Course extends Emitter {
  timeline = new Timeline();
  roster = new Roster();
  /** Messages that came while nobody looked. */
  unseen = 0;
  /** Which load is under way: "older", or the gap. @type {string | object | null} */
  loading = null;
  /** @type {Map<string, {name: string, timer: number}>} */
  #typing = new Map();
  #typedAt = -Infinity;
  #restUntil = 0;
  /** What lies beyond was said after we came first, and is news. */
  #headAtJoin = 0;

  /**
   * @param {import("./client.js").RollcallSocket} socket
   * @param {string} me
   * @param {{id: string, title: string}} about
   */
  constructor(socket, me, about) {
    super();
    this.me = me;
    this.about = about;
    this.outbox = new Outbox(me, about.id, ({ clientId, text }) =>
      this.channel.push("message:send", { client_id: clientId, text }));
    this.outbox.on("change", () => this.emit("change"));
    this.outbox.on("sent", ({ item, answer }) => this.#sent(item, answer));
    this.channel = socket.channel(`course:${about.id}`, () =>
      this.timeline.position ? { position: this.timeline.position } : { history: firstPage });
    this.channel.on("joined", (answer) => this.#joined(answer));
    this.channel.on("state", (state) => this.#became(state));
    this.channel.on("message:new", (entry) => this.#received(entry));
    this.channel.on("gap", (gap) => this.#change(() => this.timeline.missed(gap)));
    this.channel.on("typing", (event) => this.#sawTyping(event));
    this.channel.on("presence_state", (all) => this.#change(() => this.roster.replace(all)));
    this.channel.on("presence_diff", (diff) => this.#change(() => this.roster.apply(diff)));
  }

  /** Names of those who are typing now, first come first. */
  get typists() {
    return [...this.#typing.values()].map(({ name }) => name);
  }

  rows() {
    return this.timeline.rows(this.me, this.outbox.items);
  }

  /** @param {string} text */
  say(text) {
    this.#typedAt = -Infinity;
    this.outbox.add(text);
  }

  /** The person pressed a key; others hear of it now and then. */
  type() {
    const now = performance.now();
    if (this.channel.state !== "joined" || now - this.#typedAt < typingEveryMs) return;
    this.#typedAt = now;
    // Nobody misses one of these: the next key press says it again.
    this.channel.push("typing", {}).catch(() => undefined);
  }

  async loadOlder() {
    if (!this.timeline.hasOlder || !this.timeline.floor) return;
    if (performance.now() < this.#restUntil) return;
    await this.#load("older", { before: this.timeline.floor, limit: firstPage }, (page) =>
      this.timeline.addOlder(page));
  }

  /** @param {import("./timeline.js").Gap} gap */
  async loadMissed(gap) {
    await this.#load(gap, { after: gap.from, limit: missedPage }, (page) =>
      this.timeline.addMissed(gap, page));
  }

  async #load(what, question, take) {
    if (this.loading !== null || this.channel.state !== "joined") return;
    this.#change(() => { this.loading = what; });
    try {
      take(await this.channel.push("history", question));
    } catch {
      // What could not be loaded is still offered, and asked for again by scrolling or pressing.
      this.#restUntil = performance.now() + loadRestMs;
    } finally {
      this.#change(() => { this.loading = null; });
    }
  }

  #joined(answer) {
    this.timeline.joined(answer);
    this.roster.joined();
    if (answer.resume === "fresh" || answer.resume === "reset") {
      this.#headAtJoin = seqOf(answer.position);
    }
    if (answer.resume === "reset") this.emit("reset");
  }

  #became(state) {
    if (state === "joined") this.outbox.start();
    else this.outbox.stop();
    this.emit("change");
  }

  #received(entry) {
    this.#stopTyping(entry.sender);
    const isNew = this.timeline.receive(entry);
    if (entry.sender === this.me) this.outbox.remove(entry.client_id);
    this.emit("change");
    if (isNew && entry.sender !== this.me && entry.seq > this.#headAtJoin) {
      this.emit("arrived", entry);
    }
  }

  /** The push of it may be under way still; this shows it as stored already. */
  #sent({ clientId, text }, { position, seq, at }) {
    const body = { text, name: "" };
    this.timeline.acknowledge({ position, seq, at, sender: this.me, client_id: clientId, body });
  }

  #sawTyping({ person, name }) {
    if (person === this.me) return;
    clearTimeout(this.#typing.get(person)?.timer);
    const timer = setTimeout(() => this.#change(() => this.#stopTyping(person)), typingShownMs);
    this.#change(() => this.#typing.set(person, { name, timer }));
  }

  #stopTyping(person) {
    clearTimeout(this.#typing.get(person)?.timer);
    this.#typing.delete(person);
  }

  #change(action) {
    action();
    this.emit("change");
  }
}
