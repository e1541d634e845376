/**
 * Small tools for building and updating the page. Text always goes in as text, never as HTML.
 */

/**
 * An element. A property starting with `on` is a listener, any other an attribute: `true`
 * stands for an empty one, `false` and null for none. Null children are left out.
 *
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | null | undefined)} children
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** @param {string} id @returns {HTMLElement} */
export function byID(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}

/** An icon of index.html's sprite. @param {string} name */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Changes text only where it differs, so that a live region does not speak twice. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of `parent` those of `rows`, keeping, moving, adding and removing by key.
 *
 * @template Row
 * @param {HTMLElement} parent
 * @param {Row[]} rows each with a unique `key`
 * @param {(row: Row) => HTMLElement} create
 * @param {(element: HTMLElement, row: Row) => void} update
 */
export function reconcile(parent, rows, create, update) {
  const existing = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let next = parent.firstElementChild;
  for (const row of rows) {
    let element = existing.get(row.key);
    existing.delete(row.key);
    if (!element) {
      element = create(row);
      element.dataset.key = row.key;
    }
    update(element, row);
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
  for (const leftover of existing.values()) leftover.remove();
}

/** Calls `draw` once, soon, however often it was asked; also in a hidden tab. */
export function soon(draw) {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    const run = () => {
      isAsked = false;
      draw();
    };
    // A hidden tab has no frames, and one hidden in between draws when it is seen again.
    if (document.hidden) setTimeout(run, 0);
    else requestAnimationFrame(run);
  };
}

/** A round picture made of initials; the colour follows the person. @param {string} id */
export function avatar(id, name) {
  const words = name.trim().split(/\s+/).filter((word) => word !== "" && !word.endsWith("."));
  const initials = [words[0], words.length > 1 ? words.at(-1) : ""]
    .map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
  // FNV-1a: names that differ in one letter rarely share a colour.
  let hash = 0x811c9dc5;
  for (const character of id) {
    hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193) >>> 0;
  }
  const hue = (hash >>> 13) % 8;
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, initials || "?");
}

/**
 * Arrow keys move between the buttons of a list, which is one stop for the Tab key. To be
 * called once for a list; {@link settle} whenever its buttons were made anew.
 *
 * @param {HTMLElement} list
 */
export function rove(list) {
  list.addEventListener("focusin", () => settle(list, document.activeElement));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const buttons = [...list.querySelectorAll("button")];
    const index = buttons.indexOf(document.activeElement);
    if (!step || index < 0) return;
    event.preventDefault();
    buttons[(index + step + buttons.length) % buttons.length].focus();
  });
  settle(list);
}

/**
 * Makes one button the list's stop: the chosen one, else the current, else the first.
 *
 * @param {HTMLElement} list
 * @param {Element | null} [chosen]
 */
export function settle(list, chosen) {
  const stop = chosen ?? list.querySelector("[aria-current]") ?? list.querySelector("button");
  for (const button of list.querySelectorAll("button")) button.tabIndex = button === stop ? 0 : -1;
}
