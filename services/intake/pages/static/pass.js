// Proves to the hub for whom this phone reports: enrolled once with a code, or signed in for a shift. Tokens are short and
// fetched when they are needed; without a net nothing is lost but the sending.

const CREDENTIAL = "phoihop-field-credential";
const EARLIER = 30_000;
const VOUCHED_SECONDS = 900; // a proxy vouches for each request, so there is nothing to show
const ANSWER_WITHIN = 15_000;

export class SignedOut extends Error {}

export class Pass {
  #token = "";
  #until = 0;
  #asking;

  // As `fetch`, with proof. Raises `SignedOut` where there is none, and what `fetch` raises without a net.
  async fetch(path, options = {}) {
    const response = await this.#send(path, options, await this.#fresh());
    if (response.status !== 401) return response;
    this.#until = 0;
    const again = await this.#send(path, options, await this.#fresh());
    if (again.status === 401) throw new SignedOut();
    return again;
  }

  // Uses a one-time code up, for this device or, where it is none for devices, for one shift. The answer says whether it
  // worked; without a net it raises.
  async enrol(code) {
    const response = await post("/field/enrol", { "Content-Type": "application/json" }, JSON.stringify({ code }));
    if (!response.ok) return this.#signIn(code);
    const { credential, token, seconds } = await response.json();
    localStorage.setItem(CREDENTIAL, credential);
    this.#take({ token, seconds });
    return true;
  }

  async #signIn(code) {
    const options = { method: "POST", body: new URLSearchParams({ code }), redirect: "manual" };
    const response = await fetch("/field/sign-in", options);
    this.#until = 0;
    return response.type === "opaqueredirect";
  }

  async #fresh() {
    if (Date.now() < this.#until) return this.#token;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #ask() {
    const credential = localStorage.getItem(CREDENTIAL);
    const ways = [...(credential ? [["/field/token", { Authorization: `Bearer ${credential}` }]] : []), ["/field/pass", {}]];
    for (const [path, headers] of ways) {
      const response = await post(path, headers);
      if (response.status === 204) return this.#take({ token: "", seconds: VOUCHED_SECONDS });
      if (response.ok) return this.#take(await response.json());
      if (response.status !== 401 && response.status !== 404) throw new Error(String(response.status));
    }
    throw new SignedOut();
  }

  #take({ token, seconds }) {
    this.#token = token;
    this.#until = Date.now() + seconds * 1000 - EARLIER;
    return token;
  }

  #send(path, options, token) {
    const proof = token ? { Authorization: `Bearer ${token}` } : {};
    return fetch(path, { ...options, headers: { Accept: "application/json", ...options.headers, ...proof } });
  }
}

const post = (path, headers, body) =>
  fetch(path, {
    method: "POST",
    headers: { Accept: "application/json", ...headers },
    body,
    redirect: "error",
    signal: AbortSignal.timeout(ANSWER_WITHIN),
  });
