/**
 * A worker that ticks when a heartbeat is due.
 *
 * Browsers slow the timers of hidden tabs to one a minute, which is as long as the server
 * waits before it closes a silent connection. Workers are not slowed.
 */
onmessage = ({ data: everyMs }) => setInterval(() => postMessage(null), everyMs);
