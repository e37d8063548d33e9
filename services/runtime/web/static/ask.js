// Asks the server for JSON and turns every way it may go wrong into one kind of error with a code.

const PATIENCE = 10_000;

export class Refused extends Error {
  /** `code` is the server's, or "offline" and "slow" where none answered; `message` may be shown to people. */
  constructor(status, code, message, document = {}) {
    super(message || code);
    Object.assign(this, { status, code, document });
  }
}

/** GET of a JSON document. */
export const ask = (url, options = {}) => request(url, { ...options, method: "GET" });

/** POST of a JSON document; the answer is JSON too, or null where there is none. */
export const tell = (url, content, options = {}) =>
  request(url, {
    ...options,
    method: options.method ?? "POST",
    body: JSON.stringify(content),
    headers: { "Content-Type": "application/json", ...options.headers },
  });

async function request(url, options) {
  const answer = await reach(url, options);
  const document = await answer.json().catch(() => null);
  if (answer.ok) return document;
  if (answer.status === 401) location.reload();
  throw new Refused(answer.status, document?.code ?? `status_${answer.status}`, document?.message, document ?? {});
}

async function reach(url, options) {
  const signal = AbortSignal.timeout(options.patience ?? PATIENCE);
  try {
    return await fetch(url, { ...options, signal, headers: { Accept: "application/json", ...options.headers } });
  } catch (error) {
    throw new Refused(0, error.name === "TimeoutError" ? "slow" : "offline", "");
  }
}
