/**
 * The first screen: choose who to be, or where there is no demo, show a token.
 */
import { avatar, byID, h, rove } from "./dom.js";
import { tokenIdentity } from "./identity.js";

/**
 * @param {import("./identity.js").Demo} demo
 * @returns {Promise<import("./identity.js").DemoPerson>}
 */
export function choosePerson(demo) {
  byID("welcome").hidden = false;
  byID("choose-person").hidden = false;
  const list = byID("person-list");
  return new Promise((resolve) => {
    list.replaceChildren(...demo.people.map((person) =>
      h("li", {}, h("button", {
        type: "button", class: "person-card", "data-testid": `person-${person.id}`,
        onclick: () => resolve(person),
      }, avatar(person.id, person.name),
      h("span", { class: "person-card-words" }, h("strong", {}, person.name),
        h("span", { class: "person-card-role" }, person.role))))));
    rove(list);
  });
}

/**
 * @param {string} complaint why we are here, when a token was tried before
 * @returns {Promise<{token: string, course: string}>}
 */
export function askForToken(complaint) {
  byID("welcome").hidden = false;
  const form = /** @type {HTMLFormElement} */ (byID("sign-in"));
  form.hidden = false;
  byID("sign-in-error").textContent = complaint;
  return new Promise((resolve) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      const token = form.elements.token.value.trim();
      const course = form.elements.course.value.trim();
      if (tokenIdentity(token, course)) resolve({ token, course });
      else byID("sign-in-error").textContent = "This is not a token of a person.";
    };
  });
}
