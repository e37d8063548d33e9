// Where it is: the phone's position, communes and other areas by name, or words. The unit's own province is at hand;
// any other is fetched when it is chosen.

import { fetchOrKept } from "./kept.js";
import { degrees, filled, fold, position, word } from "./writing.js";

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

  async #read(path) {
    const { response } = await fetchOrKept(this.#pass, path);
    return response.json();
  }

  #take(code, areas, on) {
    this.#lists.set(code, areas.map(([area, name]) => ({ code: area, name, on, key: fold(name) })));
  }
}

export class Places {
  #root;
  #gazetteer;
  #chosen = [];
  #pointing;
  #searches;

  // `pointing` is the map to point at, where the deployment has one.
  constructor(root, gazetteer, pointing) {
    this.#root = root;
    this.#gazetteer = gazetteer;
    this.#pointing = pointing;
    this.#searches = root.querySelector("input[type=search]");
    this.#searches.addEventListener("input", () => this.#offer());
    this.#searches.addEventListener("keydown", (event) => event.key === "Enter" && this.#takeFirst(event));
    root.querySelector("select").addEventListener("change", (event) => this.#change(event.target.value));
    root.querySelector("[data-act=position]").addEventListener("click", () => this.#locate());
    root.querySelector("[data-act=map]")?.addEventListener("click", () => this.#point());
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
    const accuracy = Math.min(Math.ceil(coords.accuracy), 100_000);
    this.#put({ kind: "point", lat: degrees(coords.latitude), lon: degrees(coords.longitude), accuracy_m: accuracy });
    this.#say(filled("position-found", { metres: accuracy }));
  }

  #point() {
    const [area, point] = ["area", "point"].map((kind) => this.#chosen.find((place) => place.kind === kind));
    this.#say("");
    this.#pointing.open(area?.code, point, (taken) => this.#put(taken));
  }

  // One position says where it is: a later one takes its place.
  #put(point) {
    this.#chosen = [...this.#chosen.filter((place) => place.kind !== "point"), point];
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
  if (place.kind === "point") return position(place);
  return place.name ?? place.text ?? place.code;
}
