/**
 * Tells screen readers what happened, politely and without flooding them.
 */
import { byID } from "./dom.js";
import { counted } from "./words.js";

/** Messages closer together than this are told in one go. */
const gatherMs = 400;
/** More than so many at once are only counted. */
const mostRead = 3;

/** @type {string[]} */
let gathered = [];

/** @param {string} sentence */
export function announce(sentence) {
  gathered.push(sentence);
  if (gathered.length > 1) return;
  setTimeout(() => {
    const all = gathered;
    gathered = [];
    byID("announcer").textContent =
      all.length > mostRead ? counted(all.length, "new message") : all.join(" ");
  }, gatherMs);
}
