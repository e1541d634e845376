/**
 * How long to wait: for an answer, and before the next try.
 */

/** How long an answer may take before the connection or the request counts as lost. */
export const replyTimeoutMs = 10_000;
const firstRetryMs = 1_000;
const mostRetryMs = 30_000;
/** Below this a countdown would only flicker, and a restarting server gets no rest. */
const leastRetryMs = 250;

/**
 * How long to wait before try number `attempt`: exponential with full jitter, so that
 * thousands of clients of one restarted server do not come back in step.
 *
 * @param {number} attempt counted from 0
 */
export function retryDelayMs(attempt) {
  const ceiling = Math.min(mostRetryMs, firstRetryMs * 2 ** Math.min(attempt, 10));
  return Math.max(leastRetryMs, Math.random() * ceiling);
}
