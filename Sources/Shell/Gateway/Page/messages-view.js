/**
 * The conversation: rows, scrolling, loading what is older or missing, and what stands in
 * the place of messages when there are none.
 */
import { byID, h, icon, reconcile, setText } from "./dom.js";
import { createMessage, updateMessage } from "./message-view.js";
import { counted, dayWords, wordsFor } from "./words.js";

/** Closer to the end than this counts as being at the end. */
const nearEnd = 48;
/** Closer to the beginning than this loads what is older. */
const nearStart = 320;

/** Shows whichever course is open. */
export class MessagesView {
  /** @type {import("./course.js").Course | null} */
  #course = null;
  #scroller = byID("scroller");
  #list = byID("messages");
  #newest = byID("newest");
  #isAtEnd = true;
  #arrived = 0;
  #height = 0;

  constructor() {
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#newest.addEventListener("click", () => this.#goToEnd());
    byID("notice-action").addEventListener("click", () => this.#course?.channel.tryAgain());
    new ResizeObserver(() => this.#resized()).observe(this.#scroller);
  }

  /** @param {import("./course.js").Course} course */
  show(course) {
    this.#course = course;
    this.#list.replaceChildren();
    this.#scroller.setAttribute("aria-label", `Messages in ${course.about.title}`);
    this.followEnd();
    this.render();
  }

  /** A message came from somebody else. */
  arrived() {
    if (this.#isAtEnd) return;
    this.#arrived += 1;
    this.#drawNewest();
  }

  /** From now on the newest message stays in sight. */
  followEnd() {
    this.#isAtEnd = true;
    this.#arrived = 0;
  }

  render() {
    const course = this.#course;
    if (!course) return;
    const anchor = this.#isAtEnd ? null : this.#anchor();
    const rows = course.rows();
    reconcile(this.#list, rows, (row) => this.#create(row), (element, row) =>
      this.#update(element, row));
    this.#drawPlaces(rows.length === 0);
    if (anchor) this.#scroller.scrollTop += topOf(anchor.element) - anchor.top;
    else this.#toEnd();
    this.#drawNewest();
    this.#loadWhatFits();
  }

  /** The first row in sight; it stays where it is whatever is added above. */
  #anchor() {
    const edge = topOf(this.#scroller);
    const element = [...this.#list.querySelectorAll(".message")].find(
      (row) => row.getBoundingClientRect().bottom > edge);
    return element ? { element, top: topOf(element) } : null;
  }

  #toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** The button that was pressed disappears; the focus goes where it led. */
  #goToEnd() {
    this.followEnd();
    this.#toEnd();
    this.#scroller.focus({ preventScroll: true });
    this.#drawNewest();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (clientHeight !== this.#height) return this.#resized();
    this.#isAtEnd = scrollHeight - clientHeight - scrollTop < nearEnd;
    if (this.#isAtEnd) this.#arrived = 0;
    this.#drawNewest();
    this.#loadWhatFits();
  }

  /** A keyboard that opens, or a field that grows, must not hide the end. */
  #resized() {
    this.#height = this.#scroller.clientHeight;
    if (this.#isAtEnd) this.#toEnd();
  }

  #loadWhatFits() {
    if (this.#scroller.scrollTop < nearStart) this.#course?.loadOlder();
  }

  #drawNewest() {
    this.#newest.classList.toggle("is-shown", !this.#isAtEnd);
    this.#newest.inert = this.#isAtEnd;
    setText(byID("newest-words"), this.#arrived > 0
      ? counted(this.#arrived, "new message") : "Newest messages");
  }

  /** What stands above, or in the place of, the messages. */
  #drawPlaces(isEmpty) {
    const { channel, timeline, loading } = this.#course;
    const isClosed = channel.state === "refused" || channel.state === "ended";
    byID("skeleton").hidden = !isEmpty || isClosed || channel.state === "joined";
    byID("empty").hidden = !isEmpty || channel.state !== "joined";
    const start = byID("start");
    start.hidden = isEmpty;
    setText(start, loading === "older" ? "Loading earlier messages…"
      : timeline.hasOlder ? "" : "This is where the conversation begins.");
    byID("notice").hidden = !isClosed;
    if (!isClosed) return;
    byID("notice").dataset.reason = channel.refusal?.reason ?? "";
    setText(byID("notice-title"), channel.state === "ended"
      ? endedTitleOf(channel.refusal) : titleOf(channel.refusal));
    setText(byID("notice-words"), noticeOf(channel.refusal));
  }

  #create(row) {
    switch (row.kind) {
      case "day": return h("li", { class: "day" }, h("span", {}));
      case "gap": return this.#createGap();
      case "message": return createMessage(row, this.#course);
    }
  }

  #createGap() {
    const button = h("button", { type: "button", class: "gap-button" }, icon("history"),
      h("span", {}));
    return h("li", { class: "gap", "data-testid": "gap" }, button);
  }

  #update(element, row) {
    switch (row.kind) {
      case "day":
        setText(element.firstElementChild, dayWords(row.at));
        break;
      case "gap": {
        const isLoading = this.#course.loading === row.gap;
        const button = element.querySelector("button");
        button.onclick = () => this.#course?.loadMissed(row.gap);
        button.disabled = isLoading;
        element.dataset.count = String(row.count);
        setText(button.lastElementChild, isLoading
          ? "Loading…" : `Load ${counted(row.count, "missed message")}`);
        break;
      }
      case "message": updateMessage(element, row, this.#course);
    }
  }
}

/** In fractions of a pixel, unlike `offsetTop`: rounded, the place would creep away. */
const topOf = (element) => element.getBoundingClientRect().top;

const titles = {
  not_enrolled: "You are not enrolled here",
  no_such_course: "There is no such course",
};

const explanations = {
  not_enrolled: "Only people enrolled in this course can read it and write in it. Once you are "
    + "enrolled, look again.",
  no_such_course: "It may have been removed, or the address has a slip in it.",
};

const titleOf = (refusal) => titles[refusal?.reason] ?? "This course cannot be opened";

const endedTitleOf = (refusal) => refusal?.reason === "not_enrolled"
  ? "You are no longer enrolled here" : "This conversation was closed for you";

function noticeOf(refusal) {
  if (!refusal || refusal.reason === "unknown") return "Your access may have changed.";
  return explanations[refusal.reason] ?? wordsFor(refusal);
}
