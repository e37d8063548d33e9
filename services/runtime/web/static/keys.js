// The keyboard map of a page: one key, one sentence, one action; "?" shows them all. Nothing happens while somebody types.

const map = new Map();

/** Lets a key do something; `told` says what, in the reader's language. Combined keys belong to the browser. */
export function onKey(key, told, action) {
  map.set(key, { told, action });
}

export function startKeys() {
  const dialog = document.getElementById("keys");
  const opener = document.getElementById("keys-open");
  const list = document.getElementById("keys-list");
  opener.hidden = false;
  opener.addEventListener("click", () => show(dialog, list));
  onKey("?", list.dataset.help, () => show(dialog, list));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const found = map.get(event.key);
    if (found === undefined || (event.key === "Enter" && interactive(event.target))) return;
    event.preventDefault();
    found.action(event);
  });
}

function show(dialog, list) {
  list.replaceChildren(
    ...[...map].map(([key, { told }]) => {
      const [row, term, sense, face] = ["div", "dt", "dd", "kbd"].map((name) => document.createElement(name));
      face.textContent = key === " " ? "Space" : key;
      sense.textContent = told;
      term.append(face);
      row.append(term, sense);
      return row;
    }),
  );
  dialog.showModal();
}

const typing = (target) =>
  target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button])");

const interactive = (target) => target.closest("a, button, summary, input, [role=button]") !== null;
