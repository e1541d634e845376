/**
 * The bell, its badge, and the panel with notifications.
 */
import { announce } from "./announcer.js";
import { byID, h, icon, reconcile, setText, soon } from "./dom.js";
import { Sheet } from "./sheets.js";
import { dayWords, momentWords, timeWords } from "./words.js";

const mostShown = 99;

/** Everything the page shows of an {@link import("./inbox.js").Inbox}. */
export class BellView {
  #inbox;
  #openCourse;
  #sheet;
  #render;

  /**
   * @param {import("./inbox.js").Inbox} inbox
   * @param {(id: string) => void} openCourse follows a link to a course of this page
   */
  constructor(inbox, openCourse) {
    this.#inbox = inbox;
    this.#openCourse = openCourse;
    this.#sheet = new Sheet(byID("notifications"), byID("bell"));
    this.#render = soon(() => this.#draw());
    byID("bell").addEventListener("click", () => this.#sheet.toggle());
    byID("mark-read").addEventListener("click", () => inbox.markRead());
    byID("notifications-older").addEventListener("click", () => inbox.loadOlder());
    inbox.on("change", this.#render);
    inbox.on("arrived", ({ body }) => announce(`Notification: ${body.title}.`));
    this.#draw();
  }

  #draw() {
    const { unread, entries, hasOlder } = this.#inbox;
    const badge = byID("bell-count");
    setText(badge, unread > mostShown ? `${mostShown}+` : String(unread));
    badge.hidden = unread === 0;
    byID("bell").setAttribute("aria-label", unread === 0
      ? "Notifications" : `Notifications, ${unread} unread`);
    byID("mark-read").disabled = unread === 0;
    byID("notifications-older").hidden = !hasOlder;
    byID("notifications-empty").hidden = entries.length > 0;
    setText(byID("notifications-note"), unread === 0 ? "All read" : `${unread} unread`);
    const rows = entries.map((entry) => ({ key: entry.position, entry }));
    reconcile(byID("notifications-list"), rows, ({ entry }) => this.#create(entry),
      (element, { entry }) => {
        const isUnread = this.#inbox.isUnread(entry);
        element.dataset.unread = String(isUnread);
        setText(element.querySelector(".unseen"), isUnread ? "Unread. " : "");
      });
  }

  #create(entry) {
    const { title, text, link } = entry.body;
    const target = safeLink(link);
    const press = (event) => this.#press(event, entry, target);
    const children = [
      h("span", { class: "note-dot", "aria-hidden": "true" }),
      h("span", { class: "note-body" },
        h("span", { class: "unseen" }),
        h("strong", { class: "note-title" }, title ?? "Notification"),
        text ? h("span", { class: "note-text" }, text) : null,
        h("time", { class: "note-time", datetime: entry.at, title: momentWords(entry.at) },
          `${dayWords(entry.at)}, ${timeWords(entry.at)}`)),
      target ? icon("onward") : null,
    ];
    const place = target ? { href: target.href, target: "_blank", rel: "noopener" }
      : { type: "button" };
    const inner = h(target ? "a" : "button", { class: "note", onclick: press, ...place },
      ...children);
    return h("li", { "data-testid": "notification", "data-seq": entry.seq }, inner);
  }

  /** Reading one reads everything before it: the server keeps one mark for each person. */
  #press(event, entry, target) {
    if (this.#inbox.isUnread(entry)) this.#inbox.markRead(entry.position);
    const course = target?.origin === location.origin && target.searchParams.get("course");
    if (!course) return;
    event.preventDefault();
    this.#sheet.close();
    this.#openCourse(course);
  }
}

/** Only what leads to a page: a link comes from a backend, but `javascript:` is no place. */
function safeLink(link) {
  if (!link || !URL.canParse(link, location.href)) return null;
  const target = new URL(link, location.href);
  return target.protocol === "https:" || target.protocol === "http:" ? target : null;
}
