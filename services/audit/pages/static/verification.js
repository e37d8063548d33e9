// Follows a verification that is under way; when it ends, the server's page has the verdict.

import { follow } from "./live.js";

const card = document.getElementById("verification");

if (card.dataset.running === "yes") {
  const format = new Intl.NumberFormat(document.documentElement.lang);
  const bar = document.getElementById("progress");
  const number = document.getElementById("progress-number");
  follow(
    "/review/ledger/events",
    {
      verification({ done, total, running }) {
        if (!running) return location.reload();
        bar.max = total || 1;
        bar.value = done;
        number.textContent = `${format.format(done)} / ${format.format(total)}`;
      },
    },
    { after: card.dataset.number },
  );
}
