// Who labels: the token from the address is exchanged for a cookie; the name is remembered in this browser.

import { byId, setText } from "./dom.js";
import { Unauthorised, post } from "./server.js";

const NAME = "alps-annotator";
const TOKEN = "alps-token";
const ALONE = "me"; // the name of somebody who labels on their own machine and was not asked

const isLocal = () => ["127.0.0.1", "localhost", "[::1]"].includes(location.hostname);
const tokenIn = (address) => new URLSearchParams(address.replace(/^[^#]*#/, "")).get("token");

export const isKnown = () => localStorage.getItem(NAME) !== null;

// With a token in the address: open a session. Without one the cookie has to do, or the page asks.
export async function openSession() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (!token) return;
  sessionStorage.setItem(TOKEN, token);
  const name = given.get("annotator") ?? localStorage.getItem(NAME) ?? (isLocal() ? ALONE : null);
  if (name === null) throw new Unauthorised("");
  await open(token, name);
  history.replaceState(null, "", location.pathname); // a token does not belong in a picture of the screen
}

async function open(token, annotator) {
  const answer = await post("/api/session", { token, annotator });
  localStorage.setItem(NAME, answer.annotator);
}

// Ask for the name, and for the token where this tab has none that works; resolves when the server agrees.
export function askWho(reason, name = localStorage.getItem(NAME)) {
  const dialog = byId("person-dialog");
  const form = byId("person-form");
  byId("person-value").value = name ?? "";
  byId("token-line").hidden = sessionStorage.getItem(TOKEN) !== null && !reason;
  setText("person-error", reason);
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const typed = byId("token-value").value.trim();
      const token = typed ? tokenIn(typed) ?? typed : sessionStorage.getItem(TOKEN);
      try {
        await open(token ?? "", byId("person-value").value.trim());
        sessionStorage.setItem(TOKEN, token);
        dialog.close();
        resolve();
      } catch (error) {
        byId("token-line").hidden = false;
        setText("person-error", error.message);
      }
    });
  });
}
