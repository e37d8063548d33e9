// The field page: joins the forms, the pickers, the outbox and the receipts. Each of them stands alone.

import { Categories } from "./categories.js";
import { tellTime } from "./clock.js";
import { ReportForm } from "./form.js";
import { CONFLICT, Courier, changes, find, keep, ofOthers } from "./outbox.js";
import { Pass, SignedOut } from "./pass.js";
import { keepPhotos, photosOf, tidy } from "./photobox.js";
import { Photos } from "./photos.js";
import { Gazetteer, Places } from "./places.js";
import { Pointing } from "./pointing.js";
import { Receipts, count } from "./receipts.js";
import { filled, line, local, uuid7, word } from "./writing.js";

const COLOURS = { idle: "quiet", sending: "open", "sending-photo": "open", offline: "due", "signed-out": "overdue" };
const KEPT_UNIT = "phoihop-field-unit";
const MOST_BYTES = 63 * 1024;

const page = document.querySelector("#field");
const pass = new Pass();
const gazetteer = new Gazetteer(pass);
const map = document.querySelector("#map");
const pointing = map && new Pointing(map, pass);
const forms = Object.fromEntries([...page.querySelectorAll("form[data-type]")].map((form) => [form.dataset.type, made(form)]));
let unit = JSON.parse(localStorage.getItem(KEPT_UNIT) ?? "null");
const name = () => unit && `${unit.agency}/${unit.unit}`;
const courier = new Courier(name, pass, showState);
const receipts = new Receipts(page.querySelector("#sent"), name, pass, act);

function made(form) {
  const places = new Places(form.querySelector(".places"), gazetteer, pointing);
  const root = form.querySelector(".categories");
  const categories = root && new Categories(root, () => report.suggestHeadline());
  const photos = new Photos(form.querySelector(".photos"));
  const report = new ReportForm(form, places, categories);
  form.addEventListener("submit", (event) => hand(event, form, report));
  form.addEventListener("reset", () => {
    photos.kept = [];
    setTimeout(() => places.offerProvinces());
  });
  return Object.assign(report, { element: form, places, photos });
}

async function hand(event, form, report) {
  event.preventDefault();
  if (report.problems.length) return report.mark(report.problems);
  const { agency, unit: code, name: source } = unit ?? {};
  if (!code) return showState("signed-out");
  const body = report.read({ report: uuid7(), sender: { agency, unit: code }, source });
  if (report.photos.value.length) body.attachments = report.photos.value;
  if (new TextEncoder().encode(JSON.stringify(body)).length > MOST_BYTES) {
    return report.mark([{ field: "description", message: word("too-long"), fix: "" }]);
  }
  try {
    await keepPhotos(body.report, name(), report.photos.kept);
    await keep(body, name());
  } catch {
    return report.mark([{ field: "", message: word("not-kept"), fix: word("not-kept-fix") }]);
  }
  navigator.storage?.persist?.();
  report.clear();
  show("sent", true);
  say(filled("kept", { headline: body.headline }));
  return courier.urgent();
}

// What a unit does about one of its reports: it never edits what the hub holds, it sends a report about it.
async function act(verb, { report }) {
  const item = await find(report);
  const body = JSON.parse(item.text);
  const form = forms[body.type];
  show(body.type);
  switch (verb) {
    case "correct":
      form.fill(body, { msg_type: "Update", references: [report], ...about(body, item) });
      break;
    case "withdraw":
      form.fill(withdrawal(body), { msg_type: "Cancel", references: [report], ...about(body, item) });
      break;
    case "follow-up":
      show("situation");
      forms.situation.fill({ status: body.status, headline: body.headline, places: body.places }, about(body, item));
      break;
    case "mend":
      form.fill(body, kept(body, item));
      form.photos.kept = await photosOf(report);
      form.mark(item.problems ?? []);
  }
}

// A refused id stands for nothing, so the mended report keeps it; an id in conflict stands for something else.
function kept(body, item) {
  const { report, msg_type, references, incident } = body;
  const same = item.state === CONFLICT ? {} : { report };
  return Object.fromEntries(Object.entries({ ...same, msg_type, references, incident }).filter(([, value]) => value));
}

const about = (body, item) => (item.ladder ? { incident: item.ladder.incident } : body.incident ? { incident: body.incident } : {});

function withdrawal(body) {
  return { ...body, headline: line(filled("withdrawn-headline", { headline: body.headline })).slice(0, 200), description: undefined };
}

function nil() {
  const now = new Date();
  const since = new Date(now.getTime() - 24 * 3_600_000);
  show("situation");
  forms.situation.fill(
    { headline: word("nil-headline"), nil: true, window: { since: since.toISOString(), until: now.toISOString() } },
    {},
  );
}

function show(section, focus = false) {
  for (const part of page.querySelectorAll("section[data-section]")) part.hidden = part.dataset.section !== section;
  for (const button of page.querySelectorAll("nav [data-show]")) {
    if (button.dataset.show === section) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  if (focus) page.querySelector(`section[data-section="${section}"] h2`).focus();
  if (section === "sent") receipts.follow();
  scrollTo(0, 0);
}

function say(text) {
  page.querySelector("#said").textContent = text;
}

function showState(state) {
  const banner = page.querySelector("#state");
  banner.dataset.state = COLOURS[state];
  banner.dataset.courier = state;
  banner.querySelector(".words").textContent = word(`state-${state}`);
  banner.querySelector("a").hidden = state !== "signed-out";
}

async function redraw() {
  const waiting = await receipts.draw();
  for (const place of page.querySelectorAll(".waiting")) place.textContent = count(waiting);
  const others = unit ? await ofOthers(name()) : 0;
  page.querySelector("#others").hidden = !others;
}

// For whom this phone reports. Without an answer that is whom it last reported for; sending asks again.
async function whoAmI() {
  try {
    const response = await pass.fetch("/field/unit");
    tellTime(response.headers.get("Date"));
    if (response.ok) {
      unit = await response.json();
      localStorage.setItem(KEPT_UNIT, JSON.stringify(unit));
    }
  } catch (error) {
    tellTime(new Date().toISOString());
    showState(error instanceof SignedOut ? "signed-out" : "offline");
  }
  page.querySelector("#enrol").hidden = Boolean(unit);
  document.querySelector("#unit").textContent = unit?.name ?? "";
}

// A link or QR code carries the code behind the `#`, which no server and no log ever sees.
async function enrol(event) {
  event?.preventDefault();
  const field = page.querySelector("#enrol input");
  const said = page.querySelector("#enrol [role=status]");
  try {
    const done = await pass.enrol(field.value.trim());
    said.textContent = done ? "" : word("code-refused");
    if (done) await signedIn();
    return done;
  } catch {
    said.textContent = word("code-offline");
    return false;
  }
}

async function signedIn() {
  await whoAmI();
  await redraw();
  courier.go();
  await offerPlaces();
}

async function offerPlaces() {
  if (!unit) return;
  try {
    await gazetteer.load();
    say("");
  } catch {
    say(word("places-offline"));
  }
  for (const form of Object.values(forms)) form.places.offerProvinces();
}

async function start() {
  for (const button of page.querySelectorAll("[data-show]")) button.addEventListener("click", () => show(button.dataset.show));
  page.querySelector("[data-act=nil]").addEventListener("click", nil);
  changes.addEventListener("change", redraw);
  for (const form of Object.values(forms)) form.clear();
  page.dataset.ready = "forms";
  if (navigator.serviceWorker) navigator.serviceWorker.register("/field/sw.js", { scope: "/field" });
  page.querySelector("#enrol form").addEventListener("submit", enrol);
  const leave = document.querySelector('form[action="/field/sign-out"]');
  leave?.addEventListener("submit", () => localStorage.removeItem(KEPT_UNIT));
  await tidy(find);
  if (!(await enrolByLink())) await signedIn();
  await receipts.follow();
  page.dataset.ready = "all";
}

async function enrolByLink() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return false;
  history.replaceState(null, "", location.pathname);
  page.querySelector("#enrol").hidden = false;
  page.querySelector("#enrol input").value = code;
  return enrol();
}

// The end of a window follows the clock until somebody sets it.
for (const field of page.querySelectorAll("[data-now]")) field.addEventListener("focus", () => (field.value ||= local(new Date())));

start();
