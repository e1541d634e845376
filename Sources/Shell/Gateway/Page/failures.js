/**
 * The two ways a request can fail, and the rule that tells them apart from success.
 */

/** Codes from here on are temporary: the same request may succeed later (protocol §8). */
const firstTemporaryCode = 2000;

/** The server answered, and said no. */
export class Refusal extends Error {
  /** @param {{reason?: string, code?: number, message?: string, retry_after_ms?: number}} answer */
  constructor(answer) {
    super(answer.message ?? answer.reason ?? "refused");
    this.reason = answer.reason ?? "unknown";
    this.code = answer.code ?? 0;
    this.temporary = this.code >= firstTemporaryCode;
    /** @type {number | undefined} */
    this.retryAfterMs = answer.retry_after_ms;
  }
}

/**
 * No answer came: the connection was lost, or the time was over.
 *
 * Whether the server did what was asked is unknown, so only what is harmless twice may be
 * asked again.
 */
export class Unanswered extends Error {}
