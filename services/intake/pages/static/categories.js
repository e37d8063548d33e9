// Narrows the categories to what is typed, with or without accents, and shows the one chosen.

import { filled, fold, word } from "./writing.js";

export class Categories {
  #root;
  #search;
  #labels;

  constructor(root, chosen) {
    this.#root = root;
    this.#search = root.querySelector("input[type=search]");
    this.#labels = [...root.querySelectorAll("label[data-key]")];
    this.#search.addEventListener("input", () => this.#narrow());
    this.#search.addEventListener("keydown", (event) => this.#pickFirst(event));
    root.addEventListener("change", (event) => {
      if (event.target.name !== "category") return;
      this.show();
      chosen(this.name);
    });
  }

  get #picked() {
    return this.#labels.find((label) => label.control.checked);
  }

  // What the chosen category is called; empty while there is none.
  get name() {
    return this.#picked?.querySelector(".name").textContent ?? "";
  }

  // After a choice only the choice is seen; opening the list again shows all.
  show() {
    this.#root.querySelector("summary .value").textContent = this.name || word("choose-category");
    this.#root.querySelector("details").open = !this.name;
    this.#search.value = "";
    this.#narrow();
  }

  focus() {
    this.#root.querySelector("details").open = true;
    this.#search.focus();
  }

  #narrow() {
    const wanted = fold(this.#search.value).split(" ").filter(Boolean);
    let left = 0;
    for (const label of this.#labels) {
      label.hidden = !wanted.every((part) => label.dataset.key.includes(part));
      left += label.hidden ? 0 : 1;
    }
    for (const family of this.#root.querySelectorAll("[data-family]")) {
      family.hidden = !family.querySelector("label:not([hidden])");
    }
    this.#root.querySelector("[role=status]").textContent = wanted.length ? filled("found", { number: left }) : "";
  }

  #pickFirst(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const typed = fold(this.#search.value);
    const left = this.#labels.filter((label) => !label.hidden);
    const first = left.find((label) => label.dataset.key.startsWith(typed)) ?? left[0];
    if (first && typed) first.click();
  }
}
