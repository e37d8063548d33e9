// Tells the desk that this page is really there: an open connection alone may be that of a machine that lost its network.

const EVERY = 3;

/** Handlers for the live events; `lost` is called when the server no longer knows this page. */
export function presence(base, lost) {
  let page = null;
  let beats = 0;
  const say = async () => {
    try {
      const answer = await fetch(`${base}/heard/${page}`, { method: "POST", headers: { Accept: "application/json" } });
      if (answer.status === 404) lost();
    } catch {
      // The watch over the connection says so; here there is nothing to add.
    }
  };
  return {
    hello(told) {
      page = told.page;
      say();
    },
    beat() {
      beats += 1;
      if (page !== null && beats % EVERY === 0) say();
    },
  };
}
