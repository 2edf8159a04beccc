// The server: JSON in, JSON out. Offline, Unauthorised and Refused tell apart what can be done about a failure.
//
// Every answer names the project, and every request the one that the page is of: another program, or the server of
// another project, may have the port by now. To this page that is no better than no server, so that everything waits.

export class Offline extends Error {}
export class Elsewhere extends Offline {}
export class Unauthorised extends Error {}
export class Refused extends Error {}

const PATIENCE = 15000; // milliseconds
const PROJECT = "X-Alps-Project";
const REFUSALS = [400, 404, 413, 422]; // with these the server says that asking again is of no use

let project = null; // the id that the first answer named

async function ask(path, { headers = {}, ...options } = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store",
                                   headers: project === null ? headers : { ...headers, [PROJECT]: project },
                                   signal: AbortSignal.timeout(PATIENCE), ...options });
  } catch (error) {
    throw new Offline(String(error));
  }
  const answering = response.headers.get(PROJECT);
  if (answering === null || (project ?? answering) !== answering) {
    throw new Elsewhere(`${answering === null ? "Another program" : "Another project"} is served at this address now.`);
  }
  project = answering;
  if (response.status === 401 || response.status === 403) throw new Unauthorised(await detail(response));
  if (REFUSALS.includes(response.status)) throw new Refused(await detail(response));
  if (!response.ok) throw new Offline(await detail(response));
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
