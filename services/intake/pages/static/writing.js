// Ids, times, positions and words as reports hold them and people read them. Knows no page and no server.

export const fold = (text) =>
  text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d").replace(/\s+/g, " ").trim();

export const paragraph = (text) => text.normalize("NFC").replace(/\r\n?/g, "\n").trim();
export const line = (text) => text.normalize("NFC").replace(/\s+/g, " ").trim();

// A tenth of a metre is finer than any phone measures.
export const degrees = (value) => Math.round(value * 1e6) / 1e6;
export const position = ({ lat, lon, accuracy_m: metres }) => `${lat.toFixed(5)}, ${lon.toFixed(5)} (±${metres} m)`;

// RFC 9562, section 5.7: 48 bits of milliseconds, then random bits.
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let index = 0, rest = now; index < 6; index += 1) {
    bytes[5 - index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// Viet Nam keeps UTC+7 all year, whatever zone the phone is set to.
const VIETNAM = "+07:00";
const SEVEN_HOURS = 7 * 3_600_000;

export const instant = (field) => `${field.length === 16 ? `${field}:00` : field}${VIETNAM}`;
export const moment = (date = new Date()) => instant(local(date, 19));
export const local = (date, length = 16) => new Date(date.getTime() + SEVEN_HOURS).toISOString().slice(0, length);

const CLOCK = new Intl.DateTimeFormat("vi-VN", {
  timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", second: "2-digit", day: "2-digit", month: "2-digit",
});
export const told = (iso) => (iso ? CLOCK.format(new Date(iso)) : "–");

// What the page says in the reader's language stands in the page, once, where translators find it.
export function word(name, scope = document) {
  return scope.querySelector(`#words [data-word="${CSS.escape(name)}"]`)?.textContent ?? name;
}

export function filled(name, values) {
  return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), word(name));
}
