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
