// Shows every report of this unit that this phone has: what waits, what the hub answered, and how far each got.

import { CONFLICT, REFUSED, STORED, WAITING, all, discard, note } from "./outbox.js";
import { ARRIVED, AWAITED, REFUSED as NOT_TAKEN, isAwaited, photosOf } from "./photobox.js";
import { filled, told, word } from "./writing.js";

const COLOURS = { [WAITING]: "due", [STORED]: "done", [REFUSED]: "overdue", [CONFLICT]: "overdue" };
const PHOTO_COLOURS = { [AWAITED]: "due", [ARRIVED]: "done", [NOT_TAKEN]: "overdue" };
const LOOK_EVERY = 3_000;
const LOOK_AT_ALL = 5; // every fifth time; between those, only what was sent just now and has gone nowhere yet
const JUST_NOW = 120_000;
const FOLLOWED_FOR = 7 * 24 * 3_600_000;

export class Receipts {
  #list;
  #template;
  #unit;
  #pass;
  #act;
  #open = new Set();

  // `act(verb, item)` hears "correct", "withdraw" and "mend".
  constructor(root, unit, pass, act) {
    this.#list = root.querySelector("ol");
    this.#template = root.querySelector("template");
    this.#unit = unit;
    this.#pass = pass;
    this.#act = act;
    let looks = 0;
    setInterval(() => document.hidden || this.follow((looks += 1) % LOOK_AT_ALL ? JUST_NOW : FOLLOWED_FOR), LOOK_EVERY);
    document.addEventListener("visibilitychange", () => document.hidden || this.follow());
  }

  async draw() {
    const items = this.#unit() ? await all(this.#unit()) : [];
    for (const item of items) item.photos = await photosOf(item.report);
    for (const one of this.#list.querySelectorAll("details[open]")) this.#open.add(one.id);
    for (const one of this.#list.querySelectorAll("details:not([open])")) this.#open.delete(one.id);
    const focused = document.activeElement?.closest("#sent [data-verb], #sent summary");
    const where = focused && [focused.closest("li").dataset.report, focused.dataset.verb ?? "summary"];
    this.#list.replaceChildren(...items.map((item) => this.#line(item)));
    if (where) this.#refocus(...where);
    this.#list.parentElement.querySelector(".none").hidden = items.length > 0;
    return items.filter((item) => item.state === WAITING).length;
  }

  // Asks how far the stored ones got. Away from the net the last answer stays on the screen with its time.
  async follow(back = FOLLOWED_FOR) {
    const unit = this.#unit();
    if (!unit || !navigator.onLine) return;
    const since = Date.now() - back;
    const stored = (await all(unit)).filter((item) => item.state === STORED && Date.parse(item.made) > since);
    let changed = false;
    for (const item of stored.filter(({ ladder }) => (back === JUST_NOW ? !ladder : !ladder?.over))) {
      const ladder = await ladderOf(item.report, this.#pass);
      if (!ladder || ladder.sequence === item.ladder?.sequence) continue;
      await note(item.report, { ladder });
      changed = true;
    }
    if (changed) await this.draw();
  }

  #refocus(report, what) {
    const line = this.#list.querySelector(`li[data-report="${report}"]`);
    line?.querySelector(what === "summary" ? "summary" : `[data-verb=${what}]`)?.focus();
  }

  #line(item) {
    const body = JSON.parse(item.text);
    const line = this.#template.content.cloneNode(true).firstElementChild;
    const put = (name, text) => (line.querySelector(`.${name}`).textContent = text);
    line.dataset.report = item.report;
    line.dataset.outcome = item.state;
    line.querySelector(".state").dataset.state = COLOURS[item.state];
    put("state", word(stateOf(item)));
    put("headline", body.headline);
    put("kind", kindOf(body));
    put("number", item.report);
    put("observed", told(body.observed_at));
    put("made", told(item.made));
    put("answered", told(item.answered));
    line.querySelector(".problems").replaceChildren(...(item.problems ?? []).map(problem));
    const details = line.querySelector("details");
    details.id = `details-${item.report}`;
    details.open = this.#open.has(details.id);
    this.#ladder(line, item);
    line.querySelector(".photos").replaceChildren(...item.photos.map(photoLine));
    for (const button of line.querySelectorAll("[data-verb]")) {
      button.hidden = !possible(button.dataset.verb, item, body);
      button.setAttribute("aria-label", `${button.textContent.trim()}: ${body.headline}`);
      button.addEventListener("click", () => this.#do(button.dataset.verb, item));
    }
    return line;
  }

  async #do(verb, item) {
    if (verb === "discard") await discard(item.report);
    else this.#act(verb, item);
  }

  #ladder(line, { ladder, state }) {
    const place = line.querySelector(".rungs");
    line.querySelector(".ladder-none").hidden = Boolean(ladder) || state !== STORED;
    line.querySelector(".ladder-known").hidden = !ladder;
    if (!ladder) return;
    line.querySelector(".as-of").textContent = told(ladder.as_of);
    line.querySelector(".over").hidden = !ladder.over;
    place.replaceChildren(...ladder.lines.map(rung));
  }
}

async function ladderOf(report, pass) {
  try {
    const response = await pass.fetch(`/v1/reports/${report}/ladder`);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

function rung(one) {
  const item = document.createElement("li");
  const name = document.documentElement.lang === "vi" ? one.name_vi : one.name_en;
  const strong = Object.assign(document.createElement("strong"), { textContent: name });
  const at = one.decided ?? one.acknowledged ?? one.opened ?? one.delivered ?? one.issued;
  item.append(`${word(`role-${one.role}`)} · `, strong, `: ${word(`rung-${one.stands}`)}, ${told(at)}`);
  if (one.silence) {
    const late = Object.assign(document.createElement("span"), { textContent: word(`silence-${one.silence}`) });
    late.className = "late";
    item.append(" ", late);
  }
  return item;
}

function photoLine({ state, caption, answered, problems }, index) {
  const item = document.createElement("li");
  const badge = Object.assign(document.createElement("span"), { textContent: word(`photo-${state}`), className: "badge" });
  badge.dataset.state = PHOTO_COLOURS[state];
  const name = caption || filled("photo-number", { number: index + 1 });
  item.append(badge, ` ${name}${answered ? `, ${told(answered)}` : ""} `, ...(problems ?? []).map(({ message, fix }) => `${message} ${fix}`));
  return item;
}

function problem(one) {
  const item = document.createElement("li");
  const code = Object.assign(document.createElement("code"), { textContent: one.code });
  const fix = Object.assign(document.createElement("strong"), { textContent: one.fix });
  item.append(code, one.field ? ` ${one.field}: ` : " ", `${one.message} `, fix);
  return item;
}

function stateOf({ state, tries, outcome }) {
  if (state === WAITING) return tries ? "waiting-tried" : "waiting";
  if (state === STORED && outcome === "duplicate") return "stored-before";
  return state;
}

function kindOf(body) {
  const verb = { Update: "kind-update", Cancel: "kind-cancel" }[body.msg_type];
  const kind = word(body.type === "incident" ? "kind-incident" : body.nil ? "kind-nil" : "kind-situation");
  const drill = body.status === "Actual" ? "" : ` · ${word(`status-${body.status}`)}`;
  return `${verb ? `${word(verb)} · ` : ""}${kind}${drill}`;
}

function possible(verb, { state, ladder, photos }, body) {
  switch (verb) {
    case "correct":
    case "withdraw":
      return state === STORED && body.msg_type !== "Cancel";
    case "follow-up":
      return state === STORED && Boolean(ladder) && !ladder.over;
    case "mend":
      return state === REFUSED || state === CONFLICT;
    default:
      return state !== WAITING && !(state === STORED && photos.some(isAwaited));
  }
}

export function count(number) {
  return number ? filled("count-waiting", { number }) : "";
}
