// The server: JSON in, JSON out. Offline, Unauthorised and Refused tell apart what can be done about a failure.

export class Offline extends Error {}
export class Unauthorised extends Error {}
export class Refused extends Error {}

const PATIENCE = 15000; // milliseconds

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store",
                                   signal: AbortSignal.timeout(PATIENCE), ...options });
  } catch (error) {
    throw new Offline(String(error));
  }
  if (response.status === 401 || response.status === 403) throw new Unauthorised(await detail(response));
  if (response.status >= 500 || response.status === 429) throw new Offline(await detail(response));
  if (!response.ok) throw new Refused(await detail(response));
  try {
    return await response.json();
  } catch (error) {
    throw new Offline(String(error));
  }
}

async function detail(response) {
  try {
    const { detail: sentence } = await response.json();
    return typeof sentence === "string" ? sentence : JSON.stringify(sentence);
  } catch {
    return `The server answered ${response.status}.`;
  }
}

export const get = (path) => ask(path);
export const post = (path, body) => ask(path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
});

// A random id of an event; pages that are not on a secure origin have no crypto.randomUUID.
export const newId = () => crypto.randomUUID?.() ?? uuid();

function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
