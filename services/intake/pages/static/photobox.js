// Keeps the photographs of reports on this phone until the hub has them, each under the digest of its bytes. A report goes
// first: the hub takes a photograph only where a report on record names it.

import { database } from "./database.js";
import { SignedOut } from "./pass.js";

const FULL_FOR = 600_000;

export const AWAITED = "awaited";
export const ARRIVED = "arrived";
export const REFUSED = "refused";

const transact = database("phoihop-field-photos", "photos", ["report", "sha256"]);
const range = (report) => IDBKeyRange.bound([report], [report, []]);

export const photosOf = (report) => transact("readonly", (store) => store.getAll(range(report)));

export const dropPhotos = (report) => transact("readwrite", (store) => store.delete(range(report)));

// All of a report's photographs, in place of what was kept for it before.
export const keepPhotos = (report, unit, photos) =>
  transact("readwrite", (store) => {
    store.delete(range(report));
    for (const photo of photos) store.put({ ...photo, report, unit, state: AWAITED });
  });

export const isAwaited = ({ state }) => state === AWAITED;

// Those that may be sent now; one for which there was no room is tried again later.
export async function awaited(unit) {
  const photos = await transact("readonly", (store) => store.getAll());
  return photos.filter((photo) => photo.unit === unit && isAwaited(photo) && !(photo.notBefore > Date.now()));
}

// Photographs whose report was never kept: the page ended between the two.
export async function tidy(reportIsThere) {
  const photos = await transact("readonly", (store) => store.getAll());
  for (const report of new Set(photos.map((photo) => photo.report))) {
    if (!(await reportIsThere(report))) await dropPhotos(report);
  }
}

// Hands one over; what it returns says whether to go on. The bytes leave the phone once the hub has them on disk.
export async function handOver(photo, pass, signal) {
  const found = await answered(photo, pass, signal);
  if (found.again) return found;
  const kept = { ...photo, ...found };
  if (found.state === ARRIVED) delete kept.bytes;
  await transact("readwrite", (store) => store.put(kept));
  return found;
}

async function answered(photo, pass, signal) {
  try {
    const response = await pass.fetch(`/v1/reports/${photo.report}/attachments/${photo.sha256}`, {
      method: "PUT",
      headers: { "Content-Type": photo.media_type, "Accept-Language": document.documentElement.lang },
      body: photo.bytes,
      redirect: "error",
      signal,
    });
    return await settled(response, photo);
  } catch (error) {
    return { again: true, signedOut: error instanceof SignedOut };
  }
}

// Only an answer that names the report counts: a wireless network's own sign-in page answers too.
async function settled(response, photo) {
  const { status } = response;
  if (status === 401 || status === 403) return { again: true, signedOut: true };
  if (![200, 201, 404, 413, 415, 422, 507].includes(status)) {
    return { again: true, after: Number(response.headers.get("Retry-After")) || 0 };
  }
  const answer = await response.json();
  if (answer.report !== photo.report || !answer.outcome) return { again: true };
  const when = new Date(response.headers.get("Date") ?? Date.now()).toISOString();
  if (status === 507) return { state: AWAITED, problems: answer.problems, notBefore: Date.now() + FULL_FOR };
  return { state: status < 300 ? ARRIVED : REFUSED, answered: when, problems: answer.problems };
}
