// Where it is: the phone's position, communes and other areas by name, or words. The unit's own province is at hand;
// any other is fetched when it is chosen.

import { filled, fold, word } from "./writing.js";

const KEPT = "field-places";
const MOST_HITS = 8;
const POSITION_WITHIN = 30_000;

export class Gazetteer {
  #lists = new Map();
  #pass;
  provinces = [];
  own = "";

  constructor(pass) {
    this.#pass = pass;
  }

  // What may be chosen without asking anybody. Raises what `fetch` raises, also on an answer that is no success.
  async load() {
    const start = await this.#read("/field/places");
    this.provinces = start.provinces;
    this.own = start.own;
    this.#take("", start.elsewhere, start.on);
    if (start.own) await this.province(start.own);
  }

  async province(code) {
    if (this.#lists.has(code)) return;
    const list = await this.#read(`/field/places/${code}`);
    this.#take(code, list.places, list.on);
  }

  // Areas of the province and those that lie in none, best first: names that begin with what is typed.
  hits(code, typed) {
    const wanted = fold(typed);
    const known = [...(this.#lists.get(code) ?? []), ...(this.#lists.get("") ?? [])];
    const found = known.filter((area) => area.key.includes(wanted));
    const begins = (area) => Number(!area.key.split(" ").some((_, at, words) => words.slice(at).join(" ").startsWith(wanted)));
    return found.sort((one, other) => begins(one) - begins(other)).slice(0, MOST_HITS);
  }

  // What was fetched once is there without a net, and without a proof.
  async #read(path) {
    const kept = await caches.open(KEPT);
    try {
      const response = await this.#pass.fetch(path);
      if (!response.ok) throw new Error(String(response.status));
      await kept.put(path, response.clone());
      return await response.json();
    } catch (error) {
      const found = await kept.match(path);
      if (!found) throw error;
      return found.json();
    }
  }

  #take(code, areas, on) {
    this.#lists.set(code, areas.map(([area, name]) => ({ code: area, name, on, key: fold(name) })));
  }
}

export class Places {
  #root;
  #gazetteer;
  #chosen = [];
  #searches;

  constructor(root, gazetteer) {
    this.#root = root;
    this.#gazetteer = gazetteer;
    this.#searches = root.querySelector("input[type=search]");
    this.#searches.addEventListener("input", () => this.#offer());
    this.#searches.addEventListener("keydown", (event) => event.key === "Enter" && this.#takeFirst(event));
    root.querySelector("select").addEventListener("change", (event) => this.#change(event.target.value));
    root.querySelector("[data-act=position]").addEventListener("click", () => this.#locate());
  }

  // As the report holds them.
  get value() {
    return structuredClone(this.#chosen);
  }

  set value(places) {
    this.#chosen = structuredClone(places);
    this.#draw();
  }

  offerProvinces() {
    const select = this.#root.querySelector("select");
    const options = this.#gazetteer.provinces.map(([code, name]) => new Option(name, code));
    select.replaceChildren(...(this.#gazetteer.own ? [] : [new Option("–", "")]), ...options);
    select.value = this.#gazetteer.own;
  }

  // The name of the first area, for a headline.
  get name() {
    return this.#chosen.find((place) => place.kind === "area")?.name ?? "";
  }

  async #change(code) {
    try {
      await this.#gazetteer.province(code);
      this.#say("");
    } catch {
      this.#say(word("province-offline"));
    }
    this.#offer();
  }

  #offer() {
    const typed = this.#searches.value.trim();
    const hits = typed ? this.#gazetteer.hits(this.#root.querySelector("select").value, typed) : [];
    this.#root.querySelector(".hits").replaceChildren(...hits.map((area) => this.#hit(area)));
    if (typed) this.#say(filled("found", { number: hits.length }));
  }

  #hit(area) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: area.name });
    button.addEventListener("click", () => this.#choose(area));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }

  #takeFirst(event) {
    event.preventDefault();
    this.#root.querySelector(".hits button")?.click();
  }

  #choose(area) {
    const already = this.#chosen.some((place) => place.code === area.code);
    if (!already) this.#chosen.push({ kind: "area", code: area.code, valid_on: area.on, name: area.name });
    this.#searches.value = "";
    this.#offer();
    this.#draw();
    this.#searches.focus();
  }

  #locate() {
    this.#say(word("position-asked"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.#locatedAt(coords),
      () => this.#say(word("position-failed")),
      { enableHighAccuracy: true, timeout: POSITION_WITHIN, maximumAge: 0 },
    );
  }

  #locatedAt(coords) {
    const rounded = (degrees) => Math.round(degrees * 1e6) / 1e6;
    const accuracy = Math.min(Math.ceil(coords.accuracy), 100_000);
    const point = { kind: "point", lat: rounded(coords.latitude), lon: rounded(coords.longitude), accuracy_m: accuracy };
    this.#chosen = [...this.#chosen.filter((place) => place.kind !== "point"), point];
    this.#say(filled("position-found", { metres: accuracy }));
    this.#draw();
  }

  #draw() {
    this.#root.querySelector(".chosen").replaceChildren(...this.#chosen.map((place) => this.#line(place)));
    this.#root.dispatchEvent(new CustomEvent("places", { bubbles: true }));
  }

  #line(place) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = told(place);
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "✕" });
    remove.setAttribute("aria-label", filled("remove", { what: told(place) }));
    remove.addEventListener("click", () => {
      this.#chosen = this.#chosen.filter((one) => one !== place);
      this.#draw();
      this.#searches.focus();
    });
    item.append(name, remove);
    return item;
  }

  #say(text) {
    this.#root.querySelector("[role=status]").textContent = text;
  }
}

export function told(place) {
  if (place.kind === "point") return `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)} (±${place.accuracy_m} m)`;
  return place.name ?? place.text ?? place.code;
}
