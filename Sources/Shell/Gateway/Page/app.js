/**
 * Puts the page together: who it is, one socket, the courses that were opened, and the views.
 *
 * To read the rest: client.js and channel.js are the connection, timeline.js, outbox.js and
 * roster.js what is known, course.js and inbox.js join the two, and the views only show it.
 */
import { announce } from "./announcer.js";
import { BellView } from "./bell-view.js";
import { RollcallSocket } from "./client.js";
import { ComposerView } from "./composer-view.js";
import { ConnectionView } from "./connection-view.js";
import { Course } from "./course.js";
import { avatar, byID, h, rove, setText, settle, soon } from "./dom.js";
import { demoIdentity, fetchDemo, socketAddress, tokenIdentity } from "./identity.js";
import { Inbox } from "./inbox.js";
import { MessagesView } from "./messages-view.js";
import { Outbox } from "./outbox.js";
import { renderPeople } from "./people-view.js";
import { Sheet, closeSheets, isPhone } from "./sheets.js";
import { askForToken, choosePerson } from "./welcome.js";
import { wordsFor } from "./words.js";

/** What this tab remembers of itself; another tab can be another person. */
const remembered = {
  person: "rollcall.person", course: "rollcall.course", token: "rollcall.token",
  complaint: "rollcall.complaint",
};

/** A restart takes less than so many tries; after them the server is asked what is wrong. */
const suspiciousTries = 6;

/** The page of one person, from the choice of the person to the end of the tab. */
class App {
  /** @type {Map<string, Course>} */
  #courses = new Map();
  /** @type {Course | null} */
  #open = null;
  /** Tries since the last connection. */
  #tries = 0;
  #hasBeenOnline = false;
  #messages = new MessagesView();
  #composer = new ComposerView(() => this.#messages.followEnd());
  #peopleSheet = new Sheet(byID("people"), byID("people-toggle"));
  #render = soon(() => this.#draw());

  /** @param {import("./identity.js").Identity} identity */
  constructor(identity) {
    this.identity = identity;
    this.socket = new RollcallSocket(() => {
      this.#tries += 1;
      // A first connection that fails may be the token's fault, a lost one hardly.
      return socketAddress(identity, this.#tries > (this.#hasBeenOnline ? suspiciousTries : 1));
    });
    this.socket.on("state", (state) => this.#became(state));
    this.connection = new ConnectionView(this.socket, () => this.#open?.channel);
    this.bell = new BellView(new Inbox(this.socket, identity.id), (id) => this.openCourse(id));
    this.#listen();
    // What was written in other courses before a reload is still to be sent.
    for (const id of Outbox.coursesWaiting(identity.id)) this.#course(id);
    this.socket.open();
  }

  /** @param {string} id */
  openCourse(id) {
    closeSheets();
    this.#open = this.#course(id);
    this.#open.unseen = 0;
    byID("app").dataset.view = "room";
    byID("app").classList.add("has-course");
    remember({ course: id });
    this.#messages.show(this.#open);
    this.#composer.show(this.#open);
    this.#render();
    if (!isPhone()) this.#composer.focus();
  }

  start(course) {
    byID("welcome").hidden = true;
    byID("app").hidden = false;
    const { id, name, role, courses } = this.identity;
    byID("me").replaceChildren(avatar(id, name), h("span", { class: "me-words" },
      h("strong", {}, name), h("span", { class: "me-role" }, role)));
    if (course) this.openCourse(course);
    else if (courses.length === 1) this.openCourse(courses[0].id);
    else this.#draw();
  }

  #course(id) {
    const known = this.#courses.get(id);
    if (known) return known;
    let about = this.identity.courses.find((one) => one.id === id);
    if (!about) {
      about = { id, title: `Course ${id}` };
      this.identity.courses.push(about);
    }
    const course = new Course(this.socket, this.identity.id, about);
    course.on("change", this.#render);
    course.on("arrived", (entry) => this.#arrived(course, entry));
    course.on("reset", () => announce("The conversation was loaded anew."));
    this.#courses.set(id, course);
    return course;
  }

  #arrived(course, { body }) {
    if (course === this.#open) {
      this.#messages.arrived();
      announce(`${body.name}: ${body.text}`);
    }
    if (course !== this.#open || document.hidden || byID("app").dataset.view === "list") {
      course.unseen += 1;
    }
  }

  #listen() {
    rove(byID("course-list"));
    byID("back").addEventListener("click", () => {
      byID("app").dataset.view = "list";
      byID("course-list").querySelector("[aria-current]")?.focus();
      this.#render();
    });
    byID("people-toggle").addEventListener("click", () => {
      if (isPhone()) this.#peopleSheet.toggle();
      else byID("app").classList.toggle("without-people");
      this.#render();
    });
    byID("switch").addEventListener("click", () => this.#leave(""));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#open) this.#open.unseen = 0;
      this.#render();
    });
  }

  #became(state) {
    if (state.name === "online") {
      this.#hasBeenOnline = true;
      this.#tries = 0;
    }
    this.#render();
    if (state.name !== "ended" || state.reason === "switch") return;
    if (sessionStorage.getItem(remembered.token)) {
      this.#leave(wordsFor({ reason: state.reason, message: state.reason }));
    }
  }

  /** Forgets who this tab was, and starts again at the first screen. */
  #leave(complaint) {
    this.socket.close("switch");
    for (const key of Object.values(remembered)) sessionStorage.removeItem(key);
    if (complaint) sessionStorage.setItem(remembered.complaint, complaint);
    location.assign(location.pathname);
  }

  #draw() {
    this.#drawCourses();
    const course = this.#open;
    setText(byID("title"), course?.about.title ?? "Rollcall");
    const news = [...this.#courses.values()].reduce((sum, { unseen }) => sum + unseen, 0);
    const where = course?.about.title ?? "Courses";
    document.title = `${news > 0 ? `(${news}) ` : ""}${where} · Rollcall`;
    this.connection.render();
    if (!isPhone()) {
      const isShown = !byID("app").classList.contains("without-people");
      byID("people-toggle").setAttribute("aria-expanded", String(isShown));
    }
    if (!course) return;
    this.#messages.render();
    this.#composer.render();
    renderPeople(course);
  }

  #drawCourses() {
    const list = byID("course-list");
    const { courses } = this.identity;
    if (list.children.length !== courses.length) {
      list.replaceChildren(...courses.map(({ id, title }) => h("li", {}, h("button", {
        type: "button", class: "course", "data-testid": `course-${id}`, "data-id": id,
        onclick: () => this.openCourse(id),
      }, h("span", { class: "course-sign", "aria-hidden": "true" }, "#"),
      h("span", { class: "course-title" }, title), h("span", { class: "badge", hidden: true })))));
    }
    for (const button of list.querySelectorAll("button")) {
      const course = this.#courses.get(button.dataset.id);
      if (course && course === this.#open) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
      const badge = button.querySelector(".badge");
      badge.hidden = !course?.unseen;
      setText(badge, String(course?.unseen ?? 0));
    }
    if (!list.contains(document.activeElement)) settle(list);
  }
}

/** Keeps the choice in this tab, and in the address so that it can be shared. */
function remember(choice) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(choice)) {
    sessionStorage.setItem(remembered[name], value);
    address.searchParams.set(name, value);
  }
  history.replaceState(null, "", address);
}

const recall = (name) =>
  new URL(location.href).searchParams.get(name) ?? sessionStorage.getItem(remembered[name]);

async function main() {
  const demo = await fetchDemo();
  if (demo) {
    const known = demo.people.find(({ id }) => id === recall("person"));
    const person = known ?? await choosePerson(demo);
    remember({ person: person.id });
    new App(demoIdentity(demo, person)).start(recall("course"));
    return;
  }
  const complaint = sessionStorage.getItem(remembered.complaint) ?? "";
  sessionStorage.removeItem(remembered.complaint);
  let token = sessionStorage.getItem(remembered.token);
  let course = recall("course");
  if (!token || !course) ({ token, course } = await askForToken(complaint));
  sessionStorage.setItem(remembered.token, token);
  new App(tokenIdentity(token, course)).start(course);
}

main().catch((error) => {
  byID("welcome").hidden = false;
  byID("unreachable").hidden = false;
  byID("reload").addEventListener("click", () => location.reload());
  throw error;
});
