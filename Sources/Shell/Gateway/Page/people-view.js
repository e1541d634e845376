/**
 * The list of who is in the course right now.
 */
import { avatar, byID, h, reconcile, setText } from "./dom.js";
import { roles } from "./roster.js";
import { counted } from "./words.js";

const headings = {
  admin: "Admins", instructor: "Instructors", assistant: "Assistants", student: "Students",
};

/** @param {import("./course.js").Course} course */
export function renderPeople(course) {
  const people = course.roster.people();
  const isLive = course.channel.state === "joined";
  setText(byID("presence-count"), String(course.roster.count));
  byID("people").classList.toggle("is-stale", !isLive);
  setText(byID("people-note"), isLive || people.length === 0 ? "" : "As of the last connection");
  const rows = [];
  for (const role of [...roles, "other"]) {
    const group = people.filter((one) => (roles.includes(one.role) ? one.role : "other") === role);
    if (group.length === 0) continue;
    const text = `${headings[role] ?? "Others"} · ${group.length}`;
    rows.push({ key: `role ${role}`, text });
    rows.push(...group.map((person) => ({ key: `person ${person.id}`, person })));
  }
  reconcile(byID("people-list"), rows, (row) => create(row), (element, row) =>
    update(element, row, course.me));
}

function create({ person }) {
  if (!person) return h("li", { class: "people-heading" });
  return h("li", { class: "person", "data-testid": `presence-person-${person.id}` },
    h("span", { class: "person-picture" }, avatar(person.id, person.name)),
    h("span", { class: "person-name" }), h("span", { class: "person-devices" }));
}

function update(element, { text, person }, me) {
  if (!person) {
    setText(element, text);
    return;
  }
  const you = person.id === me ? " (you)" : "";
  setText(element.querySelector(".person-name"), person.name + you);
  element.dataset.devices = String(person.devices);
  element.dataset.role = person.role;
  const devices = person.devices > 1 ? counted(person.devices, "device") : "";
  setText(element.querySelector(".person-devices"), devices);
}
