// Turns a form into a report and a report back into the form. A control's name is the path of its field in the report,
// so whatever the hub refuses by its path is shown at the control that holds it.

import { instant, line, local, moment, paragraph, word } from "./writing.js";

const READ = {
  code: (control) => control.value || undefined,
  line: (control) => line(control.value) || undefined,
  text: (control) => paragraph(control.value) || undefined,
  lines: (control) => linesOf(control.value),
  time: (control) => (control.value ? instant(control.value) : undefined),
  flag: (control) => control.checked || undefined,
  answer: (control) => ({ true: true, false: false })[control.value],
};

const plain = (control, value) => (control.value = String(value));
const FILL = {
  lines: (control, value) => (control.value = value.join("\n")),
  time: (control, value) => (control.value = local(new Date(value))),
  flag: (control, value) => (control.checked = value),
};

function linesOf(text) {
  const found = paragraph(text).split("\n").map(line).filter(Boolean);
  return found.length ? found : undefined;
}

export class ReportForm {
  #form;
  #places;
  #categories;
  #basis = {};
  #headlineIsOurs = true;

  // `places` and `categories` are the pickers inside the form; a situation report has no category.
  constructor(form, places, categories) {
    this.#form = form;
    this.#places = places;
    this.#categories = categories;
    form.addEventListener("input", (event) => this.#typed(event.target));
    form.addEventListener("change", (event) => this.#switch(event.target));
    form.addEventListener("places", () => this.suggestHeadline());
  }

  get type() {
    return this.#form.dataset.type;
  }

  // What the hub would refuse for certain, before anything is kept.
  get problems() {
    return [...this.#form.querySelectorAll("[data-needed]")]
      .filter((control) => !control.matches(":disabled") && !this.#at(this.read({}), control.name))
      .map((control) => ({ field: control.name, message: word("needed"), fix: control.dataset.needed }));
  }

  // The report as it will be sent; `made` holds what the page adds: id, sender, name of the unit.
  read({ report, sender, source }) {
    const body = { type: this.type, report, sent: moment(), ...this.#basis, sender };
    for (const control of this.#controls("[data-as]")) {
      if (control.type === "radio" && !control.checked) continue;
      put(body, control.name, READ[control.dataset.as](control));
    }
    body.observed_at ??= body.sent;
    const places = this.#places.value;
    const counts = this.#controls("[data-count]").filter((one) => one.value !== "").map((one) => count(one, source));
    const contact = line(this.#form.elements.contact?.value ?? "");
    if (places.length) body.places = places;
    if (counts.length) body.counts = counts;
    if (contact) body.personal = [{ kind: "contact", value: contact }];
    return body;
  }

  // Shows a report for changing it. `basis` is what the changed one keeps: its id, or what it corrects.
  fill(body, basis) {
    this.clear();
    this.#basis = { observed_at: body.observed_at, ...basis };
    this.#headlineIsOurs = false;
    this.#part("window", !basis.incident);
    this.#places.value = body.places ?? [];
    for (const toggle of this.#form.querySelectorAll("[data-opens]")) {
      toggle.checked = this.#at(body, toggle.dataset.opens) !== undefined;
      this.#switch(toggle);
    }
    for (const control of this.#controls("[data-as]")) this.#show(control, this.#at(body, control.name));
    for (const control of this.#controls("[data-count]")) {
      const found = body.counts?.find((one) => one.of === control.dataset.count);
      control.value = found ? found.value : "";
    }
    this.#categories?.show();
  }

  clear() {
    this.#form.reset();
    this.#basis = {};
    this.#headlineIsOurs = true;
    this.#part("window", true);
    this.#places.value = [];
    for (const toggle of this.#form.querySelectorAll("[data-opens], [data-closes]")) this.#switch(toggle);
    this.#categories?.show();
    this.mark([]);
  }

  // Category and place say enough for most first reports; who types a headline keeps it.
  suggestHeadline() {
    if (!this.#headlineIsOurs || !this.#categories) return;
    this.#form.elements.headline.value = [this.#categories.name, this.#places.name].filter(Boolean).join(", ");
  }

  // Names every problem at the top and at its own control.
  mark(problems) {
    for (const control of this.#form.querySelectorAll("[aria-describedby]")) {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    }
    const summary = this.#form.querySelector(".problems");
    summary.hidden = !problems.length;
    summary.querySelector("ul").replaceChildren(...problems.map((problem, index) => this.#problem(problem, index)));
    if (problems.length) summary.focus();
  }

  #problem(problem, index) {
    const item = document.createElement("li");
    item.id = `${this.type}-problem-${index}`;
    item.textContent = `${problem.message} ${problem.fix}`;
    const control = this.#named(problem.field);
    if (control) {
      if (control.type !== "radio") control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-describedby", item.id);
      const go = Object.assign(document.createElement("button"), { type: "button", textContent: word("go-there") });
      go.addEventListener("click", () => this.#goTo(control));
      item.append(" ", go);
    }
    return item;
  }

  #goTo(control) {
    for (let fold = control.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (control.name === "category") this.#categories.focus();
    else control.focus();
  }

  // `counts.0.value` has no control of its own name; the nearest that has one is shown.
  #named(path) {
    for (let name = path; name; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
      const found = this.#form.querySelector(`[name="${CSS.escape(name)}"]`);
      if (found) return found;
    }
    return null;
  }

  #typed(control) {
    if (control.name === "headline") this.#headlineIsOurs = !control.value;
  }

  // A tick can open a part of the form (told by telephone) or close one (nothing new: no figures).
  #switch(control) {
    const { opens, closes } = control.dataset;
    if (opens) this.#part(opens, control.checked);
    if (closes) this.#part(closes, !control.checked);
  }

  #part(name, open) {
    const part = this.#form.querySelector(`fieldset[data-part="${name}"]`);
    if (!part) return;
    part.disabled = !open;
    part.hidden = !open;
  }

  #show(control, value) {
    if (value === undefined) return;
    if (control.type === "radio") control.checked = control.value === String(value);
    else (FILL[control.dataset.as] ?? plain)(control, value);
    if (control.dataset.closes) this.#switch(control);
  }

  #controls(selector) {
    return [...this.#form.querySelectorAll(selector)].filter((control) => !control.matches(":disabled"));
  }

  #at(body, path) {
    return path.split(".").reduce((found, name) => found?.[name], body);
  }
}

function put(body, path, value) {
  if (value === undefined) return;
  const names = path.split(".");
  const last = names.pop();
  const holder = names.reduce((found, name) => (found[name] ??= {}), body);
  holder[last] = value;
}

function count(control, source) {
  const { count: of, unit } = control.dataset;
  return { of, value: Number(control.value), unit, source };
}
