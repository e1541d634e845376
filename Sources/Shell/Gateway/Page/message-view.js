/**
 * One message: who, what, when, and what became of it.
 */
import { avatar, h, icon, setText } from "./dom.js";
import { momentWords, timeWords } from "./words.js";

const roleWords = { instructor: "Instructor", assistant: "Assistant", admin: "Admin" };

/**
 * @param {import("./timeline.js").Row} row
 * @param {import("./course.js").Course} course
 */
export function createMessage(row, course) {
  const isOwn = row.sender === course.me;
  const name = isOwn ? "You" : row.name;
  return h("li", { class: `message ${isOwn ? "own" : "theirs"}`, "data-testid": "message" },
    isOwn ? null : avatar(row.sender, row.name),
    h("div", { class: "stack" },
      h("p", { class: "head" }, h("strong", {}, name), h("span", { class: "role" })),
      h("div", { class: "bubble" },
        h("p", { class: "text" }, ...withLinks(row.text)),
        h("span", { class: "stamp" }, h("time", {}), isOwn ? stateMarks() : null))));
}

/**
 * @param {HTMLElement} element
 * @param {import("./timeline.js").Row} row
 * @param {import("./course.js").Course} course
 */
export function updateMessage(element, row, course) {
  if (row.seq !== null) element.dataset.seq = String(row.seq);
  element.dataset.clientId = row.clientId;
  element.dataset.state = row.state;
  element.classList.toggle("opens", row.opens);
  element.classList.toggle("closes", row.closes);
  setText(element.querySelector(".role"), roleWords[course.roster.roleOf(row.sender)] ?? "");
  const time = element.querySelector("time");
  time.dateTime = row.at;
  time.title = momentWords(row.at);
  setText(time, timeWords(row.at));
  const fate = element.querySelector(".fate");
  if (row.state !== "failed") fate?.remove();
  else if (!fate) element.querySelector(".stack").append(createFate(row, course.outbox));
}

/** Why it was not sent, and what can be done about it. */
function createFate({ clientId, note }, outbox) {
  const button = (name, words, onclick) =>
    h("button", { type: "button", class: "link", "data-testid": name, onclick }, words);
  return h("div", { class: "fate" },
    h("span", { class: "fate-words" }, `Not sent. ${note}`),
    button("retry", "Try again", () => outbox.retry(clientId)),
    button("discard", "Delete", () => outbox.remove(clientId)));
}

/** All three marks stand there from the start; the state shows one, so that nothing moves. */
function stateMarks() {
  const mark = (name, words) => h("span", { class: `mark mark-${name}`, title: words },
    icon(name), h("span", { class: "unseen" }, words));
  return h("span", { class: "marks" },
    mark("pending", "Not sent yet"), mark("sent", "Sent"), mark("failed", "Not sent"));
}

/** The text with its web addresses made links; never anything else. @param {string} text */
function withLinks(text) {
  return text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]'])/).map((part, index) =>
    index % 2 === 1
      ? h("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
}
