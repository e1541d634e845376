/**
 * The field in which messages are written, its counter, and the line above it.
 */
import { byID, setText } from "./dom.js";
import { counted, shortName, typingWords } from "./words.js";

/** Protocol/limits.json, `textCharacters`. */
const mostCharacters = 4_000;
/** From here on the counter shows: early enough to finish a sentence. */
const counterFrom = 3_600;

/** Writes into whichever course is open. */
export class ComposerView {
  /** @type {import("./course.js").Course | null} */
  #course = null;
  #field = /** @type {HTMLTextAreaElement} */ (byID("composer-text"));
  #send = /** @type {HTMLButtonElement} */ (byID("send"));
  #onSaid;

  /** @param {() => void} onSaid after a message was written */
  constructor(onSaid) {
    this.#onSaid = onSaid;
    byID("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say();
    });
    this.#field.addEventListener("keydown", (event) => {
      // While an input method composes, Enter chooses a word.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#say();
    });
    this.#field.addEventListener("input", () => {
      if (this.#field.value.trim() !== "") this.#course?.type();
      this.#keepDraft();
      this.#measure();
    });
  }

  /** @param {import("./course.js").Course} course */
  show(course) {
    this.#course = course;
    this.#field.value = sessionStorage.getItem(this.#draftKey()) ?? "";
    this.#field.placeholder = `Message ${course.about.title}`;
    this.#measure();
    this.render();
  }

  focus() {
    this.#field.focus();
  }

  render() {
    if (!this.#course) return;
    const { channel, outbox, typists } = this.#course;
    const isClosed = channel.state === "refused" || channel.state === "ended";
    byID("composer").inert = isClosed;
    byID("composer").classList.toggle("is-closed", isClosed);
    setText(byID("typing"), typingWords(typists.map(shortName)));
    const waiting = outbox.items.filter(({ state }) => state !== "failed");
    const note = waiting.find((item) => item.note)?.note;
    const isAway = channel.state === "waiting" || channel.state === "joining";
    setText(byID("queue"), note ?? (isAway && waiting.length > 0
      ? `${counted(waiting.length, "message")} will be sent when you are back` : ""));
  }

  #say() {
    const text = this.#field.value.replaceAll("\0", "").trim();
    if (text === "" || lengthOf(text) > mostCharacters || !this.#course) return;
    this.#course.say(text);
    this.#field.value = "";
    this.#keepDraft();
    this.#measure();
    this.#onSaid();
  }

  #measure() {
    const length = lengthOf(this.#field.value.trim());
    const left = mostCharacters - length;
    const counter = byID("counter");
    setText(counter, length < counterFrom ? ""
      : left >= 0 ? `${left} left` : `${counted(-left, "character")} too many`);
    counter.classList.toggle("is-over", left < 0);
    this.#send.disabled = length === 0 || left < 0;
    this.#field.setAttribute("aria-invalid", String(left < 0));
    // A hidden copy of the text gives the field its height, without measuring anything.
    byID("field").dataset.text = this.#field.value;
  }

  #keepDraft() {
    if (this.#field.value === "") sessionStorage.removeItem(this.#draftKey());
    else sessionStorage.setItem(this.#draftKey(), this.#field.value);
  }

  #draftKey() {
    return `rollcall.draft ${this.#course.me} ${this.#course.about.id}`;
  }
}

/** Characters as the server counts them: code points. @param {string} text */
const lengthOf = (text) => [...text].length;
