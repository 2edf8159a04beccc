// What a person did, kept in the browser until the server says that it is on disk.
//
// Each event is one item of localStorage, `alps/PROJECT/ANNOTATOR/ORDER-UUID`: two tabs never overwrite each other, a
// closed tab loses nothing, and the next tab sends what is left. The server knows events by their UUID, so that
// sending twice saves once. Events go in order, one request at a time.

import { Elsewhere, Offline, Refused, Unauthorised, newId, post } from "./server.js";

const AT_ONCE = 100;
const FIRST_WAIT = 500; // milliseconds, doubled after each failure
const LONGEST_WAIT = 8000;
const ANSWERS = ["label", "skip"]; // of which the last of a text counts

const prefixOf = (project, annotator) => `alps/${project}/${encodeURIComponent(annotator)}/`;

// How many answers of others wait in this browser: annotator -> number.
export function waitingOfOthers(project, annotator) {
  const found = new Map();
  for (const key of Object.keys(localStorage)) {
    const [brand, whose, name] = key.split("/");
    if (brand !== "alps" || whose !== project || name === encodeURIComponent(annotator)) continue;
    const { kind, refused } = JSON.parse(localStorage.getItem(key));
    const who = decodeURIComponent(name);
    if (kind !== "shown" && refused === undefined) found.set(who, (found.get(who) ?? 0) + 1);
  }
  return found;
}

export class Queue {
  constructor(project, annotator, { onChange, onCounts, onUnauthorised }) {
    this.annotator = annotator;
    this.prefix = prefixOf(project, annotator);
    this.tell = onChange;
    this.onCounts = onCounts;
    this.onUnauthorised = onUnauthorised;
    this.online = true;
    this.elsewhere = null; // what is at this address instead of the server of this project
    this.durable = true;
    this.sending = false;
    this.wait = FIRST_WAIT;
    this.kept = new Map(); // key -> event, in order
    this.refused = new Map(); // key -> { event, reason }
    this.order = 0;
    this.last = 0; // no event is put before one that is there, whatever the clock says
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(this.prefix)).sort()) {
      const { refused, ...event } = JSON.parse(localStorage.getItem(key));
      this.last = Math.max(this.last, parseInt(key.slice(this.prefix.length), 10) || 0);
      if (refused === undefined) this.kept.set(key, event);
      else this.refused.set(key, { event, reason: refused });
    }
    this.wake = () => {
      this.wait = FIRST_WAIT;
      if (!this.waiting) this.online = true; // nothing will be sent that could tell
      this.flush();
    };
    addEventListener("online", this.wake);
    addEventListener("offline", () => { this.online = false; this.tell(); });
  }

  // Answers that wait; that a text was shown is no answer and is not counted.
  get waiting() {
    return [...this.kept.values()].filter(({ kind }) => kind !== "shown").length;
  }

  // The ids of the events that the server may not have yet.
  get events() {
    return new Set([...this.kept.values()].map(({ event }) => event));
  }

  // The texts that the server may still think unanswered.
  get texts() {
    return [...this.kept.values()].map(({ text }) => text);
  }

  add(event) {
    const full = { event: newId(), at: new Date().toISOString(), ...event };
    this.last = Math.max(this.last, Date.now());
    const order = `${this.last.toString().padStart(15, "0")}.${String(this.order++).padStart(6, "0")}`;
    const key = `${this.prefix}${order}-${full.event}`;
    this.kept.set(key, full);
    this.store(key, full);
    this.supersede(full);
    if (full.kind !== "shown") this.flush();
    return full.event;
  }

  async flush() {
    this.tell();
    if (this.sending || !this.waiting) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      while (this.waiting) await this.send([...this.kept].slice(0, AT_ONCE));
      this.online = true;
      this.elsewhere = null;
      this.wait = FIRST_WAIT;
    } catch (error) {
      if (error instanceof Unauthorised) this.onUnauthorised(error.message);
      else if (error instanceof Offline) this.retry(error);
      else throw error;
    } finally {
      this.sending = false;
      this.tell();
    }
  }

  retry(error) {
    this.online = false;
    this.elsewhere = error instanceof Elsewhere ? error.message.replace(/\.$/, "") : null;
    this.timer = setTimeout(() => this.flush(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  async send(entries) {
    let answer;
    try {
      answer = await post("/api/events", { annotator: this.annotator, events: entries.map(([, event]) => event) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (entries.length > 1) for (const entry of entries) await this.send([entry]); // find the one that is refused
      else this.refuse(...entries[0], error.message);
      return;
    }
    this.online = true;
    const saved = new Set(answer.saved);
    const reasons = new Map(answer.refused.map(({ event, reason }) => [event, reason]));
    let settled = 0;
    for (const [key, event] of entries) {
      if (saved.has(event.event)) this.forget(key);
      else if (reasons.has(event.event)) this.refuse(key, event, reasons.get(event.event));
      else continue;
      settled += 1;
    }
    if (!settled) throw new Offline("The server named none of the events it was sent.");
    this.tell();
    this.onCounts(answer.counts);
  }

  store(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {
      this.durable = false; // full or forbidden: the page says so
    }
  }

  // A refused answer that is sent again must not undo a newer one of the same text.
  supersede({ kind, text }) {
    if (!ANSWERS.includes(kind)) return;
    for (const [key, { event }] of this.refused) {
      if (event.text !== text || !ANSWERS.includes(event.kind)) continue;
      this.refused.delete(key);
      localStorage.removeItem(key);
    }
  }

  forget(key) {
    this.kept.delete(key);
    localStorage.removeItem(key);
  }

  refuse(key, event, reason) {
    this.kept.delete(key);
    if (event.kind === "shown") {
      localStorage.removeItem(key);
      return;
    }
    this.refused.set(key, { event, reason });
    this.store(key, { ...event, refused: reason });
  }

  // Send once more what was refused: a class may be there again.
  retryRefused() {
    for (const [key, { event }] of this.refused) {
      this.kept.set(key, event);
      this.store(key, event);
    }
    this.kept = new Map([...this.kept].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.refused.clear();
    this.flush();
  }

  dismissRefused() {
    for (const key of this.refused.keys()) localStorage.removeItem(key);
    this.refused.clear();
    this.tell();
  }

  // The words and the kind of the state, never better than the truth.
  state() {
    const n = this.waiting;
    if (this.refused.size) {
      const [{ reason }] = this.refused.values();
      return ["refused", `${this.refused.size} refused: ${reason}`];
    }
    if (!this.online) {
      const waiting = n ? ` · ${n} waiting` : "";
      return ["offline", `${this.elsewhere ?? "Offline"}${waiting}`];
    }
    if (n && !this.durable) return ["offline", `Saving ${n} · keep this tab open`];
    return n ? ["saving", `Saving ${n}`] : ["saved", "Saved"];
  }
}
