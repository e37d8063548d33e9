// What an officer does: opens the form of an act in a dialog, sends it, and says what became of it and how it stands.

const dialog = document.getElementById("act-dialog");
const body = document.getElementById("act-body");
const outcome = document.getElementById("outcome");
const PATIENCE = 20_000;

/** Sends a form; the answer says what became of the act: {ok, status, message, fix, current_state}. */
export async function send(url, fields) {
  try {
    const answer = await fetch(url, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.status === 401) location.reload();
    return { ok: answer.ok, status: answer.status, ...(await answer.json().catch(() => ({}))) };
  } catch {
    return { ok: false, status: 0 };
  }
}

/** Says what became of an act, and how the dispatch stands now where that is why it was refused. */
export function tell(answer, texts) {
  const parts = answer.ok ? [texts.recorded] : [answer.message || texts.failed, answer.fix, answer.current_state];
  outcome.textContent = parts.filter(Boolean).join(" · ");
  outcome.dataset.state = answer.ok ? "done" : "overdue";
  outcome.setAttribute("role", answer.ok ? "status" : "alert");
  outcome.hidden = false;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => (outcome.hidden = true), answer.ok ? 4_000 : 20_000);
}

/** Opens the form behind an address in the dialog; `done` is called once the act is on record. */
export async function openForm(href, texts, done = () => {}) {
  const page = await piece(href);
  if (page === null) return location.assign(href);
  body.innerHTML = page;
  const form = body.querySelector("form");
  form.addEventListener("submit", (event) => submit(event, form, href, texts, done));
  form.querySelector("[data-close]").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
  if (!dialog.open) dialog.showModal();
  form.querySelector("select, textarea, input:not([type=hidden])")?.focus();
}

/** A piece of a page as text; null where the server does not give it. */
export async function piece(href) {
  try {
    const answer = await fetch(href, {
      headers: { "X-Piece": "1", Accept: "text/html" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}

async function submit(event, form, href, texts, done) {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  const answer = await send(form.action, new FormData(form));
  button.disabled = false;
  if (answer.ok) {
    dialog.close();
    tell(answer, texts);
    return done();
  }
  complain(form, answer, texts);
  if (answer.status === 409) await catchUp(form, href);
}

/** Somebody else decided meanwhile: what was typed stays, and is sent again only on what the officer has now seen. */
async function catchUp(form, href) {
  const page = await piece(href);
  if (page === null) return;
  const fresh = new DOMParser().parseFromString(page, "text/html");
  form.elements.version.value = fresh.querySelector("[name=version]").value;
  form.querySelector(".badge").textContent = fresh.querySelector("form .badge").textContent;
}

function complain(form, answer, texts) {
  const problem = form.querySelector("#act-problem");
  const lines = [answer.message || texts.failed, answer.fix, answer.current_state].filter(Boolean);
  problem.replaceChildren(
    ...lines.map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }),
  );
  problem.hidden = false;
  for (const name of answer.fields ?? []) form.elements[name]?.setAttribute?.("aria-invalid", "true");
}
