// Shows a sheet of the deployment's own map and lets somebody point at a place on it, with a finger or with keys. The
// server draws; the phone works out which position lies under the mark. It decides nothing about the report.

import { fetchOrKept } from "./kept.js";
import { degrees, position, word } from "./writing.js";

const WHOLE = "/field/map";
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 20;
const SMALL_STEP = 2;
const FINGERTIP = 12; // pixels of the page on each side of where it touched
const METRES_PER_DEGREE = 111_320;
const MOST_METRES = 100_000;

export class Pointing {
  #dialog;
  #pass;
  #frame;
  #at = null;
  #taken = () => {};

  constructor(dialog, pass) {
    this.#dialog = dialog;
    this.#pass = pass;
    this.#frame = dialog.querySelector(".sheet");
    this.#frame.addEventListener("click", (event) => this.#tapped(event));
    this.#frame.addEventListener("keydown", (event) => this.#pressed(event));
    this.#button("take").addEventListener("click", () => this.#take());
    this.#button("closer").addEventListener("click", () => this.#closer());
    this.#button("close").addEventListener("click", () => dialog.close());
  }

  // `area` is the code of the area chosen, `point` the position known, either may be missing; `taken` hears the new point.
  async open(area, point, taken) {
    this.#taken = taken;
    this.#at = null;
    this.#frame.replaceChildren();
    this.#dialog.showModal();
    const known = Object.entries({ area, near: point && `${point.lat},${point.lon}` }).filter(([, value]) => value);
    await this.#draw(point, async () => {
      const { response, fresh } = await fetchOrKept(this.#pass, `${WHOLE}?${new URLSearchParams(known)}`, WHOLE);
      return [await response.text(), fresh ? "" : word("map-kept")];
    });
  }

  // From nearer; where the last drawing is all there is, it stays.
  #closer() {
    const point = this.#point;
    return this.#draw(point, async () => {
      const response = await this.#pass.fetch(`${WHOLE}?close=${point.lat},${point.lon}`);
      if (!response.ok) throw new Error(String(response.status));
      return [await response.text(), ""];
    });
  }

  async #draw(point, read) {
    this.#say(word("map-asked"));
    try {
      const [drawing, said] = await read();
      this.#frame.innerHTML = drawing;
      this.#mark(point ? this.#onPaper(point) : null, said);
    } catch {
      this.#mark(this.#at, word(this.#svg ? "map-no-closer" : "map-offline"));
    }
    this.#frame.focus();
  }

  get #svg() {
    return this.#frame.querySelector("svg");
  }

  // The edges of the paper on the earth, and its size in its own units; between the edges both directions are even.
  get #paper() {
    const { west, south, east, north } = Object.fromEntries(Object.entries(this.#svg.dataset).map(([k, v]) => [k, Number(v)]));
    return { west, north, wide: east - west, high: north - south, ...sizeOf(this.#svg) };
  }

  // The position under the mark, as uncertain as a fingertip is wide on this sheet.
  get #point() {
    const { west, north, wide, high, width, height } = this.#paper;
    const [lat, lon] = [north - (high * this.#at.y) / height, west + (wide * this.#at.x) / width];
    const metres = ((high / height) * METRES_PER_DEGREE * FINGERTIP) / this.#svg.getScreenCTM().a;
    const accuracy = Math.min(Math.ceil(metres), MOST_METRES);
    return { kind: "point", lat: degrees(lat), lon: degrees(lon), accuracy_m: accuracy };
  }

  #onPaper({ lat, lon }) {
    const { west, north, wide, high, width, height } = this.#paper;
    const at = { x: ((lon - west) / wide) * width, y: ((north - lat) / high) * height };
    return at.x >= 0 && at.x <= width && at.y >= 0 && at.y <= height ? at : null;
  }

  #tapped({ clientX, clientY }) {
    if (!this.#svg) return;
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(this.#svg.getScreenCTM().inverse());
    this.#mark({ x, y });
  }

  #pressed(event) {
    if (!this.#svg) return;
    if (event.key === "Enter") this.#take();
    else if (MOVES[event.key]) this.#move(MOVES[event.key], event.shiftKey ? SMALL_STEP : STEP);
    else return;
    event.preventDefault();
  }

  // The first key puts the mark in the middle.
  #move([right, down], step) {
    const { width, height } = sizeOf(this.#svg);
    this.#mark(this.#at ? { x: this.#at.x + right * step, y: this.#at.y + down * step } : { x: width / 2, y: height / 2 });
  }

  #mark(at, said = "") {
    this.#at = at && within(sizeOf(this.#svg), at);
    for (const verb of ["take", "closer"]) this.#button(verb).disabled = !this.#at;
    const mark = this.#svg?.querySelector(".pointed");
    mark?.setAttribute("visibility", this.#at ? "visible" : "hidden");
    if (this.#at) mark.setAttribute("transform", `translate(${this.#at.x} ${this.#at.y})`);
    this.#say([said, this.#at && this.#told].filter(Boolean).join(" "));
  }

  // Coordinates, and in which commune the mark stands where the sheet knows it.
  get #told() {
    const at = Object.assign(this.#svg.createSVGPoint(), this.#at);
    const ground = [...this.#svg.querySelectorAll(".ground[data-name]")].find((one) => one.isPointInFill(at));
    return [position(this.#point), ground?.dataset.name].filter(Boolean).join(" · ");
  }

  #take() {
    if (!this.#at) return;
    const point = this.#point; // the closed drawing has no size on the page
    this.#dialog.close();
    this.#taken(point);
  }

  #button(verb) {
    return this.#dialog.querySelector(`[data-act=${verb}]`);
  }

  #say(text) {
    this.#dialog.querySelector("[role=status]").textContent = text;
  }
}

function sizeOf(svg) {
  const { width, height } = svg.viewBox.baseVal;
  return { width, height };
}

function within({ width, height }, { x, y }) {
  return { x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) };
}
