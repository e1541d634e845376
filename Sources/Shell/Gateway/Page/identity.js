/**
 * Who uses this tab, and with which token the tab connects.
 */
import { Refusal } from "./failures.js";

/** A token this close to its end is replaced before it is used. */
const leastTokenMs = 30_000;

/**
 * @typedef {{id: string, title: string}} About
 * @typedef {{id: string, name: string, role: string, token: string}} DemoPerson
 * @typedef {{people: DemoPerson[], courses: About[]}} Demo
 * @typedef {{id: string, name: string, role: string, courses: About[],
 *   token: () => Promise<string>}} Identity
 */

/**
 * The demo's people and courses; null when this server has none.
 *
 * @returns {Promise<Demo | null>}
 */
export async function fetchDemo() {
  const answer = await fetch("/demo", { cache: "no-store" });
  return answer.ok ? answer.json() : null;
}

/** @param {Demo} demo @param {DemoPerson} person @returns {Identity} */
export function demoIdentity(demo, person) {
  let { token } = person;
  return {
    ...person,
    courses: demo.courses,
    async token() {
      if (isStale(token)) {
        const fresh = (await fetchDemo())?.people.find(({ id }) => id === person.id);
        token = fresh?.token ?? token;
      }
      return token;
    },
  };
}

/**
 * @param {string} token
 * @param {string} course
 * @returns {Identity | null} null when the token is none, or says nobody
 */
export function tokenIdentity(token, course) {
  const claims = claimsOf(token);
  if (typeof claims?.sub !== "string") return null;
  return {
    id: claims.sub,
    name: claims.name ?? claims.sub,
    role: "",
    courses: [{ id: course, title: `Course ${course}` }],
    async token() {
      if (isStale(token)) throw new Refusal({ reason: "token_expired" });
      return token;
    },
  };
}

/**
 * The address of the next try. A refused upgrade tells a page nothing but that it failed;
 * the same address asked over HTTP says why.
 *
 * @param {Identity} identity
 * @param {boolean} isSuspicious whether to ask over HTTP first
 */
export async function socketAddress(identity, isSuspicious) {
  const query = new URLSearchParams({ vsn: "2.0.0", token: await identity.token() });
  const path = `/socket/websocket?${query}`;
  if (isSuspicious) {
    const answer = await fetch(path, { cache: "no-store" });
    if (answer.status === 401) {
      const { error } = await answer.json();
      throw new Refusal({ ...error, reason: error.name });
    }
  }
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`;
}

/** @param {string} token */
function isStale(token) {
  const ends = claimsOf(token)?.exp;
  return typeof ends === "number" && ends * 1000 - Date.now() < leastTokenMs;
}

/** Reads a token without judging it; that is the server's part. @param {string} token */
function claimsOf(token) {
  try {
    const text = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))));
  } catch {
    return null;
  }
}
