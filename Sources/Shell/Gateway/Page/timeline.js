/**
 * What one conversation holds and in which order it is shown. No DOM, no clock, no network.
 *
 * Entries have the numbers 1, 2, 3 … of their topic (`seq`), so being there twice is easy to
 * see and order is never a matter of arrival.
 */

/**
 * @typedef {{position: string, seq: number, sender: string, client_id: string, at: string,
 *   body: {text: string, name: string}}} Entry
 * @typedef {{from: string, to: string}} Gap
 * @typedef {{clientId: string, text: string, at: string, state: string, note?: string}} Unsent
 * @typedef {{kind: "day", key: string, at: string}
 *   | {kind: "gap", key: string, gap: Gap, count: number}
 *   | {kind: "message", key: string, sender: string, name: string, text: string, at: string,
 *      clientId: string, seq: number | null, state: "sent" | "pending" | "failed",
 *      note: string, opens: boolean, closes: boolean}} Row
 */

/** Messages of one sender within this time stand together under one name. */
const groupMs = 5 * 60_000;

/**
 * The number in a position `"<epoch>-<seq>"`.
 *
 * @param {string} position
 */
export const seqOf = (position) => Number(position.slice(position.lastIndexOf("-") + 1));

/** Messages of one topic: deduplicated, in order, with what is known to be missing. */
export class Timeline {
  /** The last position up to which everything was pushed; where a rejoin goes on. */
  /** @type {string | null} */
  position = null;
  /** Stretches the server said it will not push, oldest first. @type {Gap[]} */
  gaps = [];
  /** Whether messages before the first one are still to be had. */
  hasOlder = false;
  /** @type {Map<number, Entry>} */
  #bySeq = new Map();
  /** @type {Entry[]} in order of `seq` */
  #ordered = [];
  /** The position of the oldest entry that came by push or page. @type {string | null} */
  #floor = null;

  get floor() {
    return this.#floor;
  }

  /**
   * The answer to a join, before the entries that follow it.
   *
   * @param {{position: string, resume: string}} answer
   */
  joined({ position, resume }) {
    if (resume === "reset") this.clear();
    // With entries to come the position follows them: a loss in between must not skip any.
    if (seqOf(position) === 0) this.position = position;
  }

  clear() {
    this.position = this.#floor = null;
    this.gaps = [];
    this.hasOlder = false;
    this.#bySeq.clear();
    this.#ordered = [];
  }

  /**
   * A pushed entry.
   *
   * @param {Entry} entry
   * @returns {boolean} whether it was new
   */
  receive(entry) {
    if (this.position === null || entry.seq > seqOf(this.position)) this.position = entry.position;
    return this.#insert(entry, true);
  }

  /**
   * The server will not push what lies after `from`, up to and including `to`.
   *
   * @param {Gap} gap
   */
  missed(gap) {
    this.gaps.push(gap);
    this.position = gap.to;
  }

  /**
   * A page of history before {@link Timeline#floor}.
   *
   * @param {{messages: Entry[], more: boolean}} page
   */
  addOlder({ messages, more }) {
    for (const entry of messages) this.#insert(entry, true);
    this.hasOlder = more && messages.length > 0;
  }

  /**
   * A page of history after `gap.from`; the gap shrinks, or closes.
   *
   * @param {Gap} gap
   * @param {{messages: Entry[], more: boolean}} page
   */
  addMissed(gap, { messages, more }) {
    for (const entry of messages) this.#insert(entry, true);
    const last = messages.at(-1);
    const isClosed = !last || !more || last.seq >= seqOf(gap.to);
    this.gaps = this.gaps.flatMap((other) =>
      other !== gap ? [other] : isClosed ? [] : [{ from: last.position, to: gap.to }]);
  }

  /**
   * An own message is stored. Its push may have come already, may come later, or may lie in
   * a part that is not loaded: then it appears when that part does.
   *
   * @param {Entry} entry
   */
  acknowledge(entry) {
    const isBelow = this.#floor !== null && entry.seq < seqOf(this.#floor);
    const isMissed = this.gaps.some(
      ({ from, to }) => entry.seq > seqOf(from) && entry.seq <= seqOf(to));
    if (!isBelow && !isMissed) this.#insert(entry, false);
  }

  /**
   * Everything to show, oldest first; what is not sent yet comes last.
   *
   * @param {string} me
   * @param {Unsent[]} unsent
   * @returns {Row[]}
   */
  rows(me, unsent) {
    const messages = this.#ordered.map((entry) => messageRow(entry));
    const shown = new Set(messages.map(({ key }) => key));
    for (const item of unsent) {
      const row = unsentRow(me, item);
      if (!shown.has(row.key)) messages.push(row);
    }
    return this.#withDividers(messages);
  }

  #withDividers(messages) {
    const rows = [];
    const gaps = [...this.gaps];
    let previous = null;
    for (const row of messages) {
      const startsDay = !previous || dayOf(previous.at) !== dayOf(row.at);
      let opens = startsDay;
      while (gaps.length > 0 && (row.seq ?? Infinity) > seqOf(gaps[0].from)) {
        const gap = gaps.shift();
        const count = seqOf(gap.to) - seqOf(gap.from);
        rows.push({ kind: "gap", key: `gap ${gap.to}`, gap, count });
        opens = true;
      }
      if (startsDay) rows.push({ kind: "day", key: `day ${row.key}`, at: row.at });
      row.opens = opens || previous.sender !== row.sender
        || Date.parse(row.at) - Date.parse(previous.at) > groupMs;
      if (previous && row.opens) previous.closes = true;
      rows.push(row);
      previous = row;
    }
    if (previous) previous.closes = true;
    return rows;
  }

  /** @param {Entry} entry @param {boolean} isContiguous */
  #insert(entry, isContiguous) {
    if (isContiguous && (this.#floor === null || entry.seq < seqOf(this.#floor))) {
      this.#floor = entry.position;
      this.hasOlder = entry.seq > 1;
    }
    if (this.#bySeq.has(entry.seq)) return false;
    this.#bySeq.set(entry.seq, entry);
    let index = this.#ordered.length;
    while (index > 0 && this.#ordered[index - 1].seq > entry.seq) index -= 1;
    this.#ordered.splice(index, 0, entry);
    return true;
  }
}

/** The day where the reader is, not where the server is. @param {string} at */
const dayOf = (at) => new Date(at).toDateString();

/** @param {Entry} entry @returns {Row} */
function messageRow({ sender, client_id, seq, at, body }) {
  return {
    kind: "message", key: `${sender} ${client_id ?? seq}`, sender, name: body.name ?? sender,
    text: body.text ?? "", at, clientId: client_id ?? "", seq, state: "sent", note: "",
    opens: false, closes: false,
  };
}

/** @param {string} me @param {Unsent} item @returns {Row} */
function unsentRow(me, { clientId, text, at, state, note }) {
  return {
    kind: "message", key: `${me} ${clientId}`, sender: me, name: "", text, at, clientId,
    seq: null, state: state === "failed" ? "failed" : "pending", note: note ?? "",
    opens: false, closes: false,
  };
}
