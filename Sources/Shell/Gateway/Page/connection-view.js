/**
 * The line under the title that says, at all times, whether the page is connected.
 */
import { announce } from "./announcer.js";
import { byID, setText } from "./dom.js";

/** Fine enough for a countdown in whole seconds. */
const tickMs = 250;

/** Shows the state of the socket and of the open course's channel together. */
export class ConnectionView {
  #socket;
  #line = byID("connection");
  #words = byID("connection-words");
  #tryNow = byID("try-now");
  #hasBeenOnline = false;
  /** @type {() => import("./channel.js").Channel | undefined} */
  #channel;

  /**
   * @param {import("./client.js").RollcallSocket} socket
   * @param {() => import("./channel.js").Channel | undefined} channel of the open course
   */
  constructor(socket, channel) {
    this.#socket = socket;
    this.#channel = channel;
    // What has ended starts anew with the page, which keeps drafts and unsent messages.
    this.#tryNow.addEventListener("click", () =>
      socket.state.name === "ended" ? location.reload() : socket.retryNow());
    socket.on("state", () => this.render());
    addEventListener("online", () => this.render());
    addEventListener("offline", () => this.render());
    setInterval(() => socket.state.name === "waiting" && this.render(), tickMs);
  }

  render() {
    const { state, words, canTry } = this.#summary();
    if (state === "online") this.#hasBeenOnline = true;
    if (this.#line.dataset.state !== state) {
      this.#line.dataset.state = state;
      if (this.#hasBeenOnline) announce(spoken[state]);
    }
    setText(this.#words, words);
    this.#tryNow.hidden = !canTry;
  }

  #summary() {
    const { state } = this.#socket;
    switch (state.name) {
      case "online": return this.#joining() ?? { state: "online", words: "Online" };
      case "idle":
      case "connecting": return { state: "connecting", words: "Connecting…" };
      case "ended": return { state: "offline", words: "Disconnected", canTry: true };
      case "waiting": {
        if (!navigator.onLine) return { state: "offline", words: "Offline", canTry: true };
        const seconds = Math.max(1, Math.ceil((state.retryAt - Date.now()) / 1000));
        return { state: "connecting", words: `Reconnecting in ${seconds} s`, canTry: true };
      }
    }
  }

  /** A connection without its channel is not yet what a person calls online. */
  #joining() {
    const state = this.#channel()?.state;
    const isJoining = state === "joining" || state === "waiting";
    return isJoining ? { state: "connecting", words: "Joining…" } : null;
  }
}

const spoken = {
  online: "Online again.",
  connecting: "Connection lost. Reconnecting.",
  offline: "You are offline.",
};
