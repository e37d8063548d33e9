// Photographs of a report that is being written: taken or chosen, made small, freed of all that a camera writes beside.

import { filled, line, word } from "./writing.js";

const MOST = 8;
const LONGEST_SIDE = 1600;
const QUALITY = 0.7;
const MOST_BYTES = 2 * 1024 * 1024;
const TYPE = "image/jpeg";
const START_OF_SCAN = 0xda;
const COMMENT = 0xfe;
const HEADER_SIZE = 18;

export class Photos {
  #root;
  #input;
  #chosen = [];

  constructor(root) {
    this.#root = root;
    this.#input = root.querySelector("input[type=file]");
    this.#input.addEventListener("change", () => this.#take([...this.#input.files]));
  }

  // As the report names them.
  get value() {
    return this.#chosen.map(({ sha256, size, caption }) => ({
      sha256, media_type: TYPE, size, ...(line(caption) ? { caption: line(caption) } : {}),
    }));
  }

  // With their bytes, as the phone keeps them.
  get kept() {
    return this.#chosen.map(({ sha256, size, caption, bytes }) => ({ sha256, media_type: TYPE, size, caption, bytes }));
  }

  set kept(photos) {
    this.#chosen = photos.filter(({ bytes }) => bytes).map((photo) => ({ ...photo, caption: photo.caption ?? "" }));
    this.#draw();
  }

  async #take(files) {
    this.#input.value = "";
    for (const file of files) {
      if (this.#chosen.length >= MOST) {
        this.#say(filled("photos-most", { number: MOST }));
        break;
      }
      this.#say(word("photo-working"));
      try {
        const photo = await made(file);
        if (!this.#chosen.some(({ sha256 }) => sha256 === photo.sha256)) this.#chosen.push(photo);
        this.#say("");
      } catch {
        this.#say(word("photo-unusable"));
      }
    }
    this.#draw();
  }

  #draw() {
    const list = this.#root.querySelector(".chosen");
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren(...this.#chosen.map((photo, index) => this.#item(photo, index + 1)));
  }

  #item(photo, number) {
    const item = document.createElement("li");
    const name = filled("photo-number", { number });
    const image = Object.assign(document.createElement("img"), { alt: name });
    image.src = URL.createObjectURL(new Blob([photo.bytes], { type: TYPE }));
    const caption = Object.assign(document.createElement("input"), { value: photo.caption, maxLength: 200 });
    caption.setAttribute("aria-label", `${name}: ${word("photo-caption")}`);
    caption.placeholder = word("photo-caption");
    caption.addEventListener("input", () => (photo.caption = caption.value));
    caption.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "✕" });
    remove.setAttribute("aria-label", filled("remove", { what: name }));
    remove.addEventListener("click", () => {
      this.#chosen = this.#chosen.filter((one) => one !== photo);
      this.#draw();
      this.#input.focus();
    });
    item.append(image, caption, remove);
    return item;
  }

  #say(text) {
    this.#root.querySelector("[role=status]").textContent = text;
  }
}

// Small enough for a bad line; drawing it anew leaves position, device and owner behind.
async function made(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  for (let side = LONGEST_SIDE; side >= 200; side /= 2) {
    const bytes = plain(new Uint8Array(await (await drawn(image, side)).arrayBuffer()));
    if (bytes.byteLength > MOST_BYTES) continue;
    return { sha256: await digest(bytes), size: bytes.byteLength, caption: "", bytes };
  }
  throw new Error("too large");
}

function drawn(image, side) {
  const scale = Math.min(1, side / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob?.type === TYPE ? resolve(blob) : reject(new Error("no picture"))), TYPE, QUALITY),
  );
}

// Some browsers write segments of their own into what they draw; the hub refuses all that says more than the picture.
function plain(bytes) {
  const parts = [bytes.subarray(0, 2)];
  let at = 2;
  while (bytes[at + 1] !== START_OF_SCAN) {
    const marker = bytes[at + 1];
    const size = 2 + bytes[at + 2] * 256 + bytes[at + 3];
    if (bytes[at] !== 0xff || !(size > 3)) throw new Error("no picture");
    const said = (marker >= 0xe0 && marker <= 0xef) || marker === COMMENT;
    if (!said || (marker === 0xe0 && size === HEADER_SIZE)) parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  parts.push(bytes.subarray(at));
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole.buffer;
}

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
