/**
 * The notifications of one person: everything of `user:<id>`, nothing of the DOM.
 */
import { Emitter } from "./emitter.js";
import { seqOf } from "./timeline.js";

const firstPage = 20;

/**
 * @typedef {{position: string, seq: number, at: string,
 *   body: {type: string, title: string, text: string, link?: string}}} Notification
 *
 * Emits `change`, and `arrived` with a notification that came just now.
 */
export class Inbox extends Emitter {
  unread = 0;
  hasOlder = false;
  /** Newest first. @type {Notification[]} */
  entries = [];
  /** @type {string | null} */
  #position = null;
  #headAtJoin = 0;

  /**
   * @param {import("./client.js").RollcallSocket} socket
   * @param {string} me
   */
  constructor(socket, me) {
    super();
    this.channel = socket.channel(`user:${me}`, () =>
      this.#position ? { position: this.#position } : { history: firstPage });
    this.channel.on("joined", (answer) => this.#joined(answer));
    this.channel.on("notification:new", (entry) => this.#received(entry));
    this.channel.on("notification:unread", ({ unread }) => this.#count(unread));
    // Of what was missed the newest is enough here; the rest is behind "Show earlier".
    this.channel.on("gap", ({ to }) => this.#forget(to));
  }

  /** Whether the notification counts as unread: the newest `unread` of them do. */
  isUnread(entry) {
    return this.entries.indexOf(entry) < this.unread;
  }

  /**
   * Marks everything up to `through` as read; without it, everything.
   *
   * @param {string} [through]
   */
  async markRead(through) {
    const answer = await this.#asked("notification:read", through ? { through } : {});
    if (answer) this.#count(answer.unread);
  }

  async loadOlder() {
    const before = this.entries.at(-1)?.position;
    if (!before) return;
    const page = await this.#asked("history", { before, limit: firstPage });
    if (!page) return;
    for (const entry of page.messages) this.#insert(entry);
    this.hasOlder = page.more;
    this.emit("change");
  }

  /** Resolves with null when no answer came: what was asked can be asked again. */
  async #asked(event, payload) {
    try {
      return await this.channel.push(event, payload);
    } catch {
      return null;
    }
  }

  #joined({ position, resume, unread }) {
    if (resume === "reset") this.#forget(null);
    if (seqOf(position) === 0) this.#position = position;
    if (resume === "fresh" || resume === "reset") this.#headAtJoin = seqOf(position);
    this.#count(unread ?? 0);
  }

  #received(entry) {
    this.#position = entry.position;
    if (!this.#insert(entry)) return;
    this.hasOlder = (this.entries.at(-1)?.seq ?? 1) > 1;
    this.emit("change");
    if (entry.seq > this.#headAtJoin) this.emit("arrived", entry);
  }

  #insert(entry) {
    if (this.entries.some(({ seq }) => seq === entry.seq)) return false;
    const index = this.entries.findIndex(({ seq }) => seq < entry.seq);
    this.entries.splice(index < 0 ? this.entries.length : index, 0, entry);
    return true;
  }

  /** @param {string | null} position */
  #forget(position) {
    this.entries = [];
    this.#position = position;
    this.emit("change");
  }

  #count(unread) {
    this.unread = unread;
    this.emit("change");
  }
}
