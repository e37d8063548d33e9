// The server's time on the page: the clock in the header and every countdown, whatever the device's own clock says.
// <time data-due="2026-11-22T14:05:00+07:00"> counts down; its data-state becomes "due" in the last minutes, then "overdue".

const SOON_SECONDS = 180;
const root = document.documentElement;
let ahead = Date.parse(root.dataset.now) - Date.now();

/** The server's time now, in milliseconds. */
export const serverNow = () => Date.now() + ahead;

/** Takes over a time the server has just told; later tellings are nearer than the page's own. */
export function tellTime(iso) {
  const told = Date.parse(iso);
  if (!Number.isNaN(told)) ahead = told - Date.now();
}

/** Minutes and seconds, hours in front where there are any; as the server writes it. */
export function countdown(seconds) {
  const whole = Math.trunc(seconds);
  const left = Math.abs(whole);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor((left % 3600) / 60)];
  const text = hours ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
  return whole < 0 ? `−${text}` : text;
}

/** Writes all countdowns below an element; called each second, and by whoever has just put new ones there. */
export function drawCountdowns(within = document) {
  const now = serverNow();
  for (const element of within.querySelectorAll("[data-due]")) {
    const left = (Date.parse(element.dataset.due) - now) / 1000;
    if (Number.isNaN(left)) continue;
    const text = countdown(left);
    if (element.textContent !== text) element.textContent = text;
    const state = left < 0 ? "overdue" : left < Number(element.dataset.soon || SOON_SECONDS) ? "due" : "open";
    if (element.dataset.state !== state) element.dataset.state = state;
  }
}

export function startClock() {
  const shown = document.getElementById("clock");
  const format = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "Asia/Ho_Chi_Minh" });
  const tick = () => {
    const now = serverNow();
    shown.textContent = format.format(now);
    shown.dateTime = new Date(now).toISOString();
    drawCountdowns();
    setTimeout(tick, 1000 - (serverNow() % 1000));
  };
  tick();
}
