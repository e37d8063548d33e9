// Follows a piece of work that is under way; when it ends, the server's page has what it found.

import { follow } from "./live.js";

const place = document.getElementById("job");
const bar = document.getElementById("progress");
const number = document.getElementById("progress-number");
const format = new Intl.NumberFormat(document.documentElement.lang);

follow(
  place.dataset.events,
  {
    job({ done, total, running }) {
      if (!running) return location.reload();
      bar.max = total || 1;
      bar.value = done;
      number.textContent = `${format.format(done)} / ${format.format(total)}`;
    },
  },
  { after: place.dataset.changes },
);
