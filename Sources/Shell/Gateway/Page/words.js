/**
 * Everything the page says that depends on data: refusals, dates, counts.
 */

/** One sentence for each refusal of the registry (Protocol/errors.json) a person can meet. */
const sentences = {
  invalid_payload: "The server could not read this.",
  not_enrolled: "You are not enrolled in this course.",
  no_such_course: "This course does not exist.",
  not_permitted: "You are not allowed to do this here.",
  too_large: "This is too long.",
  client_id_conflict: "Something else was sent under the same number.",
  unstorable_text: "This text holds characters that cannot be stored.",
  token_invalid: "This token is not valid here.",
  token_expired: "Your sign-in has expired.",
  too_many_topics: "Too many courses are open at once.",
  sign_in_required: "Sign in to do this.",
  busy: "The server is busy. Trying again soon.",
  unavailable: "The server cannot save right now. Trying again soon.",
  rate_limited: "You are writing fast. This goes out in a moment.",
};

/** @param {import("./failures.js").Refusal} refusal */
export const wordsFor = (refusal) => sentences[refusal.reason] ?? refusal.message;

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** @param {string} at */
export const timeWords = (at) => times.format(new Date(at));

/** @param {string} at */
export const momentWords = (at) => moments.format(new Date(at));

/** @param {string} at */
export function dayWords(at) {
  const day = new Date(at);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day.toDateString() === today.toDateString()) return "Today";
  if (day.toDateString() === yesterday.toDateString()) return "Yesterday";
  return (day.getFullYear() === today.getFullYear() ? days : daysWithYear).format(day);
}

/** @param {string[]} names */
export function typingWords(names) {
  if (names.length === 0) return "";
  if (names.length === 1) return `${names[0]} is typing…`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing…`;
  return "Several people are typing…";
}

/** What one calls a person; who has a title keeps it. @param {string} name */
export function shortName(name) {
  const [first] = name.trim().split(/\s+/);
  return first.endsWith(".") ? name : first;
}

/** The page is in English, so are its dates; the reader's own English, where they have one. */
const language = navigator.language.startsWith("en") ? navigator.language : "en-GB";
const times = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
const moments = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });
const days = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const daysWithYear = new Intl.DateTimeFormat(language, { dateStyle: "long" });
