// Keeps the operators' page as it is now; an open list of keys stays open, and a button in hand stays in hand.

import { follow } from "./live.js";

const place = document.getElementById("overview");
let pressed = false;

place.addEventListener("pointerdown", () => {
  pressed = true;
});
for (const end of ["pointerup", "pointercancel"]) {
  addEventListener(end, () => {
    pressed = false;
  });
}

follow("/status/events", {
  status: ({ html }) => {
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    if (pressed || focused?.matches("summary")) return; // a click on what is replaced meanwhile would be lost
    const open = place.querySelector("details")?.open ?? false;
    place.innerHTML = html;
    const details = place.querySelector("details");
    if (details) details.open = open;
    if (focused?.id) document.getElementById(focused.id)?.focus({ preventScroll: true });
  },
});
