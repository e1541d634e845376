/**
 * Panels that open over the page: sheets from below on a phone, panels at the side elsewhere.
 *
 * Escape, a press outside and the close button close them, and the focus returns to where it
 * came from. On a phone the rest of the page is inert meanwhile.
 */
import { byID } from "./dom.js";

const phone = matchMedia("(max-width: 759px)");

/** Whether the page is a single column. */
export const isPhone = () => phone.matches;

/** @type {Sheet | null} */
let current = null;

/** One panel and the button that opens it. */
export class Sheet {
  #panel;
  #button;

  /** @param {HTMLElement} panel @param {HTMLElement} button */
  constructor(panel, button) {
    this.#panel = panel;
    this.#button = button;
    button.setAttribute("aria-controls", panel.id);
    button.setAttribute("aria-expanded", "false");
    panel.querySelector("[data-close]")?.addEventListener("click", () => this.close());
  }

  get isOpen() {
    return current === this;
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  open() {
    current?.close();
    current = this;
    this.#show(true);
    this.#panel.querySelector("[data-close]")?.focus();
  }

  close() {
    if (!this.isOpen) return;
    current = null;
    this.#show(false);
    this.#button.focus();
  }

  /** @param {Node} target */
  owns(target) {
    return this.#panel.contains(target) || this.#button.contains(target);
  }

  #show(isOpen) {
    this.#panel.classList.toggle("is-open", isOpen);
    this.#button.setAttribute("aria-expanded", String(isOpen));
    byID("backdrop").hidden = !isOpen;
    for (const other of byID("app").children) {
      if (other !== this.#panel) other.inert = isOpen && isPhone();
    }
  }
}

/** Closes whatever is open, for instance because the page shows something else now. */
export const closeSheets = () => current?.close();

addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeSheets();
});
addEventListener("pointerdown", ({ target }) => {
  if (current && !current.owns(target)) closeSheets();
});
// A panel made for one shape of the page does not fit the other.
phone.addEventListener("change", closeSheets);
