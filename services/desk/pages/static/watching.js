// Keeps one page of a desk on its live line: says that the page is there, and starts anew when the server has forgotten it.

import { follow } from "./live.js";
import { presence } from "./presence.js";

/** Hears a desk's events from `after` on. `handlers` as of `follow`; `beat` is called beside the sign of presence. */
export function watch(base, query, after, handlers) {
  let line = null;
  const start = () => {
    const there = presence(base, () => {
      line.stop();
      start();
    });
    const beat = () => {
      there.beat();
      handlers.beat?.();
    };
    line = follow(`${base}/events${query}`, { ...handlers, hello: there.hello, beat }, { after: line?.last ?? after });
  };
  start();
}
