// Follows a piece of work that is under way; when it ends, the server's page has what it found.

import { follow } from "./live.js";

const place = document.getElementById("work");
const bar = document.getElementById("progress");

follow(
  place.dataset.events,
  {
    work({ done, total, running }) {
      if (!running) return location.reload();
      bar.max = total || 1;
      bar.value = done;
    },
  },
  { after: place.dataset.changes },
);
