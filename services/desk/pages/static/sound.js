// The alarm: one click turns it on, its state is always to be seen, and it sounds again while something grave waits.
// Tones are made here, so that no file has to arrive first; beats of the server drive the repeat, also in a hidden tab.

const REPEAT = 30_000;
const REMEMBERED = "phoihop-desk-sound";

const box = document.getElementById("sound");
const state = document.getElementById("sound-state");
const button = document.getElementById("sound-switch");
let context = null;
let sounded = -Infinity;

export const isOn = () => context?.state === "running";

export function startSound() {
  box.hidden = false;
  button.addEventListener("click", () => (isOn() ? turnOff() : turnOn()));
  document.getElementById("sound-test").addEventListener("click", async () => {
    if (!isOn()) await turnOn();
    tone(2);
  });
  if (localStorage.getItem(REMEMBERED) === "on") wake();
  show();
}

/** One new dispatch: grave ones sound twice, others once. */
export function alarm(priority) {
  if (isOn()) tone(priority <= 2 ? 3 : 1);
}

/** Called with each beat: sounds again while so many grave dispatches wait. */
export function beat(ringing) {
  if (isOn() && ringing > 0 && performance.now() - sounded >= REPEAT) tone(3);
  show();
}

async function turnOn() {
  context ??= new AudioContext();
  context.onstatechange = show;
  await context.resume();
  localStorage.setItem(REMEMBERED, "on");
  show();
}

async function turnOff() {
  await context.suspend();
  localStorage.setItem(REMEMBERED, "off");
  show();
}

/** After a reload the browser wants a click or a key before it lets us sound; any will do. */
function wake() {
  context = new AudioContext();
  context.onstatechange = show;
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => context.resume(), { once: true });
}

function show() {
  const wanted = localStorage.getItem(REMEMBERED) === "on";
  state.textContent = isOn() ? box.dataset.on : wanted ? box.dataset.silent : box.dataset.off;
  state.dataset.state = isOn() ? "done" : "overdue";
  button.textContent = isOn() ? box.dataset.turnOff : box.dataset.turnOn;
  button.setAttribute("aria-pressed", String(isOn()));
}

function tone(times) {
  sounded = performance.now();
  for (let number = 0; number < times; number += 1) {
    beep(context.currentTime + number * 0.5, 880, 0.18);
    beep(context.currentTime + number * 0.5 + 0.2, 660, 0.22);
  }
  box.dataset.tones = String(Number(box.dataset.tones ?? 0) + 1);
}

function beep(at, pitch, length) {
  const [voice, volume] = [context.createOscillator(), context.createGain()];
  voice.type = "square";
  voice.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + length);
  voice.connect(volume).connect(context.destination);
  voice.start(at);
  voice.stop(at + length);
}
