// Keeps the operators' page as it is now; an open list of keys stays open.

import { follow } from "./live.js";

const place = document.getElementById("overview");

follow("/status/events", {
  status: ({ html }) => {
    const open = place.querySelector("details")?.open ?? false;
    const focused = document.activeElement?.closest("#overview") !== null;
    if (focused && document.activeElement.matches("summary")) return;
    place.innerHTML = html;
    const details = place.querySelector("details");
    if (details) details.open = open;
  },
});
