// Follows one stream of server events: goes on after the last sequence seen, and says within 7.5 s when it has gone stale.
// The server sends a beat every 2 s; a connection that is open but silent counts as lost, as one that is gone does.

import { tellTime } from "./clock.js";

const STALE_AFTER = 6_000;
const LOOK_EVERY = 500;
const PAUSES = [500, 1_000, 2_000, 4_000];

/**
 * Starts following. `handlers` has one function for each kind of event: (data, sequence) => void.
 * `after` is the sequence the page was drawn at; `onState` hears "connecting", "live" and "stale".
 */
export function follow(url, handlers, { after = "", onState = () => {} } = {}) {
  const line = { source: null, heard: performance.now(), last: String(after), failures: 0, opening: 0, state: "" };
  const say = (state) => {
    if (line.state === state) return;
    line.state = state;
    show(state);
    onState(state);
  };

  const hear = (event) => {
    line.heard = performance.now();
    line.failures = 0;
    if (event.lastEventId) line.last = event.lastEventId;
    say("live");
  };

  const open = () => {
    line.source?.close();
    const address = new URL(url, location.href);
    if (line.last !== "") address.searchParams.set("after", line.last);
    const source = new EventSource(address);
    line.source = source;
    line.opening = performance.now();
    source.addEventListener("beat", (event) => {
      hear(event);
      tellTime(JSON.parse(event.data).now);
    });
    for (const [kind, handler] of Object.entries(handlers)) {
      source.addEventListener(kind, (event) => {
        hear(event);
        handler(JSON.parse(event.data), event.lastEventId);
      });
    }
    source.onerror = () => source.readyState === EventSource.CLOSED && again(source, address);
  };

  // The browser gives up for good when it is answered with an error: then we try, and end at the door if it is locked.
  const again = async (source, address) => {
    if (source !== line.source) return;
    line.source = null;
    if (await signedOut(address)) return location.reload();
    const pause = PAUSES[Math.min(line.failures++, PAUSES.length - 1)];
    setTimeout(() => line.source ?? open(), pause);
  };

  const look = () => {
    const silent = performance.now() - line.heard;
    if (silent < STALE_AFTER) return;
    say("stale");
    if (line.source !== null && performance.now() - line.opening > STALE_AFTER) open();
  };

  say("connecting");
  open();
  const timer = setInterval(look, LOOK_EVERY);
  addEventListener("online", open);
  return {
    /** The last sequence seen. */
    get last() {
      return line.last;
    },
    stop() {
      clearInterval(timer);
      removeEventListener("online", open);
      line.source?.close();
      line.source = null;
    },
  };
}

async function signedOut(address) {
  const stop = new AbortController();
  try {
    const answer = await fetch(address, { headers: { Accept: "text/event-stream" }, signal: stop.signal });
    return answer.status === 401;
  } catch {
    return false;
  } finally {
    stop.abort();
  }
}

function show(state) {
  const slot = document.getElementById("live");
  slot.hidden = false;
  slot.dataset.state = state;
  slot.textContent = slot.dataset[state];
  document.getElementById("stale-banner").hidden = state !== "stale";
  document.documentElement.dataset.live = state;
}
