// What was fetched once with proof is there without a net, and without a proof.

const KEPT = "field-places";

// The answer, and whether it comes from the hub now. Raises what `fetch` raises, also on an answer that is no success,
// where nothing is kept under that name.
export async function fetchOrKept(pass, path, as = path) {
  const kept = await caches.open(KEPT);
  try {
    const response = await pass.fetch(path);
    if (!response.ok) throw new Error(String(response.status));
    await kept.put(as, response.clone());
    return { response, fresh: true };
  } catch (error) {
    const response = await kept.match(as);
    if (!response) throw error;
    return { response, fresh: false };
  }
}
