// Keeps every report on this phone until the hub has answered for it, and hands them in, in order, as often as it takes.
// A report's bytes never change under its id, so handing it in again is always safe.

import { database } from "./database.js";
import { SignedOut } from "./pass.js";
import { awaited, dropPhotos, handOver, isAwaited, photosOf } from "./photobox.js";

const DATABASE = "phoihop-field";
const LOCK = "phoihop-field-outbox";
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;
const ANSWER_WITHIN = 20_000;
const PHOTO_WITHIN = 120_000;

export const WAITING = "waiting";
export const STORED = "stored";
export const REFUSED = "refused";
export const CONFLICT = "conflict";

const transact = database(DATABASE, "reports", "report");
export const changes = new EventTarget();
const tabs = new BroadcastChannel(DATABASE);
tabs.addEventListener("message", () => changes.dispatchEvent(new Event("change")));

function tell() {
  changes.dispatchEvent(new Event("change"));
  tabs.postMessage("change");
}

export const find = (report) => transact("readonly", (store) => store.get(report));

export async function all(unit) {
  const items = await transact("readonly", (store) => store.getAll());
  return items.filter((item) => item.unit === unit).sort((one, other) => (one.made < other.made ? 1 : -1));
}

export async function ofOthers(unit) {
  const items = await transact("readonly", (store) => store.getAll());
  return items.filter((item) => item.unit !== unit && item.state === WAITING).length;
}

// `body` is kept as the very text that will be sent. Storage that is full or refused is the caller's to tell.
export async function keep(body, unit) {
  const item = { report: body.report, unit, made: new Date().toISOString(), state: WAITING, tries: 0 };
  await transact("readwrite", (store) => store.put({ ...item, text: JSON.stringify(body) }));
  tell();
}

// In one transaction: what another page has just found out about the same report is not lost.
export const note = (report, found) =>
  transact("readwrite", (store) => {
    const request = store.get(report);
    request.addEventListener("success", () => request.result && store.put({ ...request.result, ...found }));
    return request;
  });

// Only what the hub has answered for: what still waits may be on record there already, and photographs are awaited there.
export async function discard(report) {
  const item = await find(report);
  if (!item || item.state === WAITING) return;
  if (item.state === STORED && (await photosOf(report)).some(isAwaited)) return;
  await transact("readwrite", (store) => store.delete(report));
  await dropPhotos(report);
  tell();
}

export class Courier {
  #unit;
  #pass;
  #state;
  #wait = FIRST_WAIT;
  #timer;
  #again = false;
  #running = false;
  #photo = new AbortController();

  // `unit` says for whom this phone reports now, `pass` proves it; `state` hears "idle", "sending", "offline", "signed-out".
  constructor(unit, pass, state) {
    this.#unit = unit;
    this.#pass = pass;
    this.#state = state;
    addEventListener("online", () => this.go());
    addEventListener("offline", () => this.#state("offline"));
    document.addEventListener("visibilitychange", () => document.hidden || this.go());
  }

  // A report was written: no photograph holds up words.
  urgent() {
    this.#photo.abort();
    return this.go();
  }

  // Background Sync would wake a closed page, but only Chromium has it: these four occasions work everywhere.
  async go() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#running = true;
    try {
      await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? this.#flush() : this.#retry()));
    } finally {
      this.#running = false;
    }
    if (this.#again) {
      this.#again = false;
      await this.go();
    }
  }

  async #flush() {
    const unit = this.#unit();
    if (!unit) return this.#state("signed-out");
    for (const item of (await all(unit)).reverse().filter((one) => one.state === WAITING)) {
      this.#state("sending");
      const outcome = await handIn(item, this.#pass);
      if (outcome.state === WAITING) return this.#later(outcome);
      await note(item.report, outcome);
      tell();
      this.#wait = FIRST_WAIT;
    }
    return this.#sendPhotos(unit);
  }

  async #sendPhotos(unit) {
    for (const photo of await awaited(unit)) {
      if (this.#again) break;
      if ((await find(photo.report))?.state !== STORED) continue;
      this.#state("sending-photo");
      const stop = (this.#photo = new AbortController());
      const patience = setTimeout(() => stop.abort(), PHOTO_WITHIN);
      const outcome = await handOver(photo, this.#pass, stop.signal);
      clearTimeout(patience);
      if (outcome.again && this.#again) break;
      if (outcome.again) return this.#later(outcome);
      tell();
      this.#wait = FIRST_WAIT;
    }
    return this.#state("idle");
  }

  // Order is a promise: after one without an answer nothing more is sent until its turn comes again.
  #later(outcome) {
    this.#state(outcome.signedOut ? "signed-out" : "offline");
    this.#retry(outcome.after);
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
  }

  #retry(after = 0) {
    const wait = Math.max(this.#wait * (0.5 + Math.random() / 2), after * 1000);
    this.#timer = setTimeout(() => this.go(), wait);
  }
}

async function handIn(item, pass) {
  await note(item.report, { tries: item.tries + 1 });
  try {
    const response = await pass.fetch(`/v1/reports/${item.report}`, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
      body: item.text,
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    return await settled(response, item);
  } catch (error) {
    return { state: WAITING, signedOut: error instanceof SignedOut };
  }
}

// A wireless network's own sign-in page also answers 200: only an answer that names this report counts.
async function settled(response, item) {
  if (response.status === 401 || response.status === 403) return { state: WAITING, signedOut: true };
  const state = { 200: STORED, 201: STORED, 409: CONFLICT, 413: REFUSED, 415: REFUSED, 422: REFUSED }[response.status];
  if (!state) return { state: WAITING, after: Number(response.headers.get("Retry-After")) || 0 };
  const answer = await response.json();
  if (answer.report !== item.report || !answer.outcome) return { state: WAITING };
  const answered = new Date(response.headers.get("Date") ?? Date.now()).toISOString();
  const kept = { state, answered, outcome: answer.outcome, event: answer.event, problems: answer.problems };
  return state === STORED ? { ...kept, text: withoutPeople(item.text) } : kept;
}

// Names and telephone numbers have gone to the hub; they do not stay on the phone.
function withoutPeople(text) {
  const body = JSON.parse(text);
  delete body.personal;
  return JSON.stringify(body);
}
