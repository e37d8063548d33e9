// What every page does once it is there: the clock, the theme switch, the menu and the list of keys.

import { startClock } from "./clock.js";
import { startKeys } from "./keys.js";
import { startTheme } from "./theme.js";

startClock();
startTheme();
startKeys();

const menu = document.getElementById("menu");
document.addEventListener("click", (event) => {
  if (menu.open && !menu.contains(event.target)) menu.open = false;
});
menu.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
