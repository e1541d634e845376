/**
 * Who is there: Phoenix's presence, kept as state and diffs. No DOM.
 */

/**
 * @typedef {{phx_ref: string, name: string, role: string, online_at?: string | number}} Meta
 * @typedef {Record<string, {metas: Meta[]}>} Presences
 * @typedef {{id: string, name: string, role: string, devices: number}} Person
 */

/** The order in which roles are listed; an unknown one comes last. */
export const roles = ["admin", "instructor", "assistant", "student"];

/** The people present in one course; each counts once, however many devices they use. */
export class Roster {
  /** @type {Map<string, Meta[]>} */
  #metas = new Map();
  /** Diffs that came before the first state. @type {any[] | null} */
  #early = [];

  get count() {
    return this.#metas.size;
  }

  /** The next thing to come is a state: a rejoin starts anew. */
  joined() {
    this.#early = [];
  }

  /** @param {Presences} presences */
  replace(presences) {
    this.#metas = new Map(Object.entries(presences).map(([id, { metas }]) => [id, metas]));
    const early = this.#early ?? [];
    this.#early = null;
    for (const diff of early) this.apply(diff);
  }

  /** @param {{joins: Presences, leaves: Presences}} diff */
  apply(diff) {
    if (this.#early) {
      this.#early.push(diff);
      return;
    }
    const { joins = {}, leaves = {} } = diff;
    for (const [id, { metas }] of Object.entries(joins)) {
      const added = new Set(metas.map(({ phx_ref }) => phx_ref));
      const kept = (this.#metas.get(id) ?? []).filter(({ phx_ref }) => !added.has(phx_ref));
      this.#metas.set(id, [...kept, ...metas]);
    }
    for (const [id, { metas }] of Object.entries(leaves)) {
      const gone = new Set(metas.map(({ phx_ref }) => phx_ref));
      const kept = (this.#metas.get(id) ?? []).filter(({ phx_ref }) => !gone.has(phx_ref));
      if (kept.length > 0) this.#metas.set(id, kept);
      else this.#metas.delete(id);
    }
  }

  /** @param {string} id */
  roleOf(id) {
    return this.#metas.get(id)?.[0]?.role;
  }

  /** By role, then by name. @returns {Person[]} */
  people() {
    const people = [...this.#metas].map(([id, metas]) => ({
      id, name: metas[0]?.name ?? id, role: metas[0]?.role ?? "student", devices: metas.length,
    }));
    return people.sort((a, b) => rank(a.role) - rank(b.role) || a.name.localeCompare(b.name));
  }
}

/** @param {string} role */
const rank = (role) => roles.includes(role) ? roles.indexOf(role) : roles.length;
