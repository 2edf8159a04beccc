// The page on which a person labels: what is on the screen, and what each answer does.

import { byId, element, say, setText } from "./dom.js";
import { COMMANDS, isOurs, isTyping, isUndo } from "./keys.js";
import { LabelDialog } from "./label_dialog.js";
import { Labels, namesAfter } from "./labels.js";
import { markdown } from "./markdown.js";
import { showEnd, showNumbers, showProject, showRecent, showWhy } from "./panels.js";
import { askWho, isKnown, openSession } from "./person.js";
import { Queue, waitingOfOthers } from "./queue.js";
import { showDisagreements } from "./reviews.js";
import { Unauthorised, get } from "./server.js";
import { Tabs } from "./tabs.js";

const AHEAD = 5; // texts fetched before they are needed
const MOST_AHEAD = 40; // for somebody who is faster than that
const RECENT = 20;
const AGAIN = 2000; // milliseconds until the page asks again where there was no text or no answer
const LOOK = 10000; // milliseconds between looks at the progress
const FEWEST_IN_SIGHT = 60; // pixels of a text, two lines
const MOST_SECONDS = 3600; // a text that was longer on the screen was not looked at for so long

const ANSWERS = ["label", "skip", "settle"]; // what an undo takes back
const REASONS = [["1", "Unsure"], ["2", "Unreadable"], ["3", "Not my language"], ["4", "No label fits"], ["s", "No reason"]];

const state = {
  project: null,
  current: null, // the item on the screen
  upcoming: [],
  recent: [], // answers that stand, newest first
  undone: new Set(), // events that were taken back
  answered: new Set(), // texts that were answered in this tab
  chosen: new Set(),
  blind: false,
  ahead: AHEAD,
  shownAt: 0,
};
let queue;
let tabs;
let fetching = false;
let again;

const labels = new Labels(choose, confirm);
const labelDialog = new LabelDialog(takeLabels);

// ---------------------------------------------------------------- texts

async function fetchMore() {
  if (fetching || state.upcoming.length >= state.ahead) return;
  fetching = true;
  clearTimeout(again);
  const held = [state.current, ...state.upcoming].filter(Boolean).map(({ id }) => id);
  const have = [...new Set([...held, ...tabs.ids, ...queue.texts])];
  tabs.watch();
  const query = new URLSearchParams({ n: state.ahead - state.upcoming.length });
  for (const id of have) query.append("have", id);
  let came = 0;
  try {
    const { items } = await get(`/api/next?${query}`);
    const known = new Set([...have, ...tabs.seen, ...queue.texts, ...state.answered, state.current?.id]);
    for (const item of items) if (!known.has(item.id)) came += state.upcoming.push(item) ? 1 : 0;
  } catch (error) {
    if (error instanceof Unauthorised) await signIn(error.message);
  } finally {
    fetching = false;
  }
  if (!state.current) advance();
  tellTabs();
  if (came && state.upcoming.length < state.ahead) fetchMore();
  else if (!came && !state.current) again = setTimeout(askAgain, AGAIN);
}

async function askAgain() {
  await tabs.ask();
  fetchMore();
}

function tellTabs() {
  tabs.hold([state.current, ...state.upcoming].filter(Boolean).map(({ id }) => id));
}

function advance() {
  show(state.upcoming.shift() ?? null);
  if (!state.current) state.ahead = Math.min(MOST_AHEAD, 2 * state.ahead);
  fetchMore();
}

function show(item) {
  state.current = item;
  state.chosen = new Set(item?.labels ?? []);
  state.shownAt = performance.now();
  byId("why").hidden = true;
  byId("ask-why").setAttribute("aria-expanded", "false");
  const text = byId("text");
  setText("text", item ? item.text : emptyWords());
  text.classList.toggle("empty", !item);
  text.scrollTop = 0;
  if (item) bringIntoSight(text);
  if (item) queue.add({ kind: "shown", text: item.id, value: suggestionOf(item) !== null });
  render();
  labels.ready();
}

// In a low window the page may be scrolled to the answers, or what stands above the text may fill it.
function bringIntoSight(text) {
  const { top } = text.getBoundingClientRect();
  const end = Math.min(innerHeight, document.querySelector(".answers").getBoundingClientRect().top);
  if (top < 0 || top + FEWEST_IN_SIGHT > end) text.parentElement.scrollIntoView();
}

function emptyWords() {
  if (!queue.online) return "No text is left here, and the server does not answer. What you did is kept; texts come again when it does.";
  if (fetching || state.upcoming.length) return "The next text is coming…";
  const { labelled, skipped, unlabelled, pending } = state.project.counts;
  if (labelled + skipped && !unlabelled && !pending) {
    return `Every text is ${skipped ? "labelled or skipped" : "labelled"}. Recent answers can still be put right.`;
  }
  return "There is no text to label at the moment. The page looks again by itself.";
}

function showEmpty() {
  if (!state.current && state.project) setText("text", emptyWords());
}

const suggestionOf = (item) => (state.blind || !item.suggestion ? null : item.suggestion);

function render() {
  const { current, chosen } = state;
  const suggestion = current && suggestionOf(current);
  byId("suggestion").hidden = !suggestion;
  if (suggestion) {
    byId("suggestion").replaceChildren("The model suggests ", element("b", { dir: "auto" }, suggestion.label),
      ` (${Math.round(100 * suggestion.probability)}%).`);
  }
  const source = { random: "drawn at random", audit: "drawn at random" }[current?.source] ?? (current?.source ? `chosen by ${current.source}` : "");
  const before = current?.labels ? "labelled before" : current?.skipped ? "skipped before" : "";
  setText("about", [state.blind ? "" : source, before, current?.flag ? "flagged" : ""].filter(Boolean).join(" · ") || "\u00a0");
  byId("note-line").hidden = !current?.note;
  setText("note-line", current?.note ? `Note: ${current.note}` : "");
  labels.mark(chosen);
  labels.enable(current !== null);
  byId("leave").hidden = !current?.reopened;
  for (const id of ["skip", "flag", "note", "ask-why"]) byId(id).disabled = !current;
  byId("ask-why").hidden = state.blind;
  byId("flag").setAttribute("aria-pressed", String(Boolean(current?.flag)));
  byId("blind").setAttribute("aria-pressed", String(state.blind));
  byId("confirm").disabled = !current;
  const words = chosen.size ? "Confirm " : "Confirm: none of these ";
  byId("confirm").replaceChildren(words, element("kbd", {}, "Enter"));
  showRecent(state.recent.slice(0, RECENT), reopen);
}

// ---------------------------------------------------------------- answers

function choose(name) {
  if (!state.current) return;
  if (!state.project.multi_label) {
    answer({ kind: "label", labels: [name] }, `Labelled ${name}.`);
    return;
  }
  if (!state.chosen.delete(name)) state.chosen.add(name);
  render();
  say(`${name} ${state.chosen.has(name) ? "chosen" : "taken off"}.`);
}

function confirm() {
  if (!state.current || !state.project.multi_label) return;
  const order = state.project.labels.map(({ name }) => name).filter((name) => state.chosen.has(name));
  answer({ kind: "label", labels: order }, order.length ? `Labelled ${order.join(", ")}.` : "Labelled none of these.");
}

// The item that a dialog was opened on: another tab may take it from the screen before the dialog is closed.
let asked = null;

function askSkip() {
  if (!state.current) return;
  asked = state.current;
  open("skip-dialog");
}

function skip(reason) {
  answer({ kind: "skip", reason }, "Skipped.", asked);
}

function answer(content, words, item = state.current) {
  if (!item) return;
  const isShown = item === state.current;
  const seconds = Math.min(MOST_SECONDS, (performance.now() - state.shownAt) / 1000);
  const suggestion = content.kind === "label" ? suggestionOf(item) : null; // what was seen, if anything was
  const names = content.kind === "label" ? { suggestion, n_renamed: state.project.renamed.length } : {};
  const event = queue.add({ ...content, text: item.id, seconds: isShown ? Number(seconds.toFixed(3)) : null, ...names });
  state.answered.add(item.id);
  state.recent.unshift({ ...item, ...content, labels: content.labels ?? null, event, reopened: false });
  count(item, item.labels || item.skipped ? item : null, content);
  say(words);
  if (isShown) advance();
  else render();
}

// The progress as it will be when the server has an answer, in the place of one before; its own count replaces it.
// Texts of the audit or of another batch are none of this one; where two people answer each text, one may be first.
function count(item, before, after) {
  const { batch, classes } = state.project;
  for (const name of before?.labels ?? []) classes[name] = Math.max(0, (classes[name] ?? 0) - 1);
  for (const name of after?.labels ?? []) classes[name] = (classes[name] ?? 0) + 1;
  if (!batch.number || item.batch === batch.number) {
    const done = Math.max(0, batch.done + Boolean(after) - Boolean(before));
    batch.done = batch.size ? Math.min(batch.size, done) : done;
  }
  showProject(state.project);
}

let undoing = Promise.resolve();

const undo = () => { undoing = undoing.then(undoOne); return undoing; };

async function undoOne() {
  if (!state.recent.length) await fetchRecent();
  const entry = state.recent.shift();
  if (!entry) {
    say("There is nothing to undo.");
    return;
  }
  state.undone.add(entry.event);
  queue.add({ kind: "undo", text: entry.id, of: entry.event });
  if (entry.kind === "settle") {
    say("The settlement is taken back.");
    look(true);
    return;
  }
  state.answered.delete(entry.id);
  const before = state.recent.find(({ id }) => id === entry.id);
  count(entry, entry, before);
  putBack();
  say("Undone.");
  show({ ...entry, labels: before?.labels ?? null, skipped: before?.kind === "skip" });
  tellTabs();
}

// Answers that stand, from the server, without those taken back meanwhile; those that it has not got yet come before.
async function fetchRecent() {
  const unsent = queue.events;
  const old = new Set(state.recent.map(({ event }) => event).filter((event) => !unsent.has(event)));
  try {
    const { items } = await get("/api/recent?n=100");
    const known = new Set(items.map(({ event }) => event));
    const standing = items.filter(({ kind, event }) => ANSWERS.includes(kind) && !state.undone.has(event));
    state.recent = [...state.recent.filter(({ event }) => !known.has(event) && !old.has(event)),
                    ...standing.map((entry) => ({ ...entry, suggestion: null, source: "" }))];
  } catch (error) {
    if (error instanceof Unauthorised) await signIn(error.message);
    else say("The server does not answer; what was done before is out of reach for now.");
  }
}

// A recent answer that was opened stands as it is, and its text need not come again.
function putBack() {
  if (state.current && !state.current.reopened) state.upcoming.unshift(state.current);
}

// Jump back to a text and answer it anew, or leave it as it is.
function reopen(entry) {
  putBack();
  state.upcoming = state.upcoming.filter(({ id }) => id !== entry.id);
  const latest = state.recent.find(({ id }) => id === entry.id) ?? entry;
  show({ ...latest, skipped: latest.kind === "skip", reopened: true });
  byId("text").focus();
}

function leave() {
  if (!state.current?.reopened) return;
  say("Left as it was.");
  advance();
  byId("text").focus();
}

// Marks are of the text, and stay with it when it is opened again from the recent answers.
function mark(item, marks) {
  for (const each of [item, ...state.recent]) if (each.id === item.id) Object.assign(each, marks);
}

function flag() {
  if (!state.current) return;
  mark(state.current, { flag: !state.current.flag });
  queue.add({ kind: "flag", text: state.current.id, value: state.current.flag });
  render();
  say(state.current.flag ? "Flagged." : "The flag is taken off.");
}

// ---------------------------------------------------------------- dialogs

function open(id) {
  byId(id).showModal();
}

function openNote() {
  if (!state.current) return;
  asked = state.current;
  byId("note-value").value = asked.note ?? "";
  open("note-dialog");
}

function keepNote(event) {
  event.preventDefault();
  mark(asked, { note: byId("note-value").value.trim() });
  queue.add({ kind: "note", text: asked.id, value: asked.note });
  byId("note-dialog").close();
  render();
  say("The note is kept.");
}

// Everything that the page holds follows the names; answers that wait say how many changes they know of.
function followNames(renamed) {
  const changes = renamed.slice(state.project.renamed.length);
  for (const item of new Set([state.current, ...state.upcoming, ...state.recent].filter(Boolean))) {
    if (item.labels) item.labels = namesAfter(item.labels, changes);
    if (!item.suggestion) continue;
    const [label] = namesAfter([item.suggestion.label], changes);
    item.suggestion = label === undefined ? null : { ...item.suggestion, label };
  }
  state.chosen = new Set(namesAfter([...state.chosen], changes));
  return changes;
}

// The labels after somebody has changed them here; the next look brings the numbers.
function takeLabels(changed) {
  const { project } = state;
  for (const { name, now } of followNames(changed.renamed)) {
    if (now !== null) project.classes[now] = (project.classes[now] ?? 0) + (project.classes[name] ?? 0);
    delete project.classes[name];
  }
  Object.assign(project, changed);
  labels.set(project.labels, project.multi_label);
  labelDialog.set(project);
  showProject(project);
  render();
  look(true);
}

async function toggleWhy() {
  if (!state.current || state.blind) return;
  const panel = byId("why");
  const item = state.current;
  if (panel.hidden) {
    try {
      const why = await get(`/api/why?${new URLSearchParams({ text: item.id })}`);
      if (state.current !== item) return;
      showWhy(why, item.text);
    } catch {
      panel.replaceChildren(element("p", {}, "The server does not answer."));
    }
  }
  panel.hidden = !panel.hidden;
  byId("ask-why").setAttribute("aria-expanded", String(!panel.hidden));
}

function toggleBlind() {
  if (state.project.blind) {
    say("This project is labelled blind.");
    return;
  }
  state.blind = !state.blind;
  localStorage.setItem(`alps-blind/${state.project.id}`, String(state.blind));
  byId("why").hidden = true;
  render();
}

function fillDialogs() {
  const more = [["1 … 9 0", "Give the label with this key, a digit or the letter on its button; with several labels per text, choose it or take it off"],
    ["Enter", "Confirm, with several labels per text; take the label that was found"],
    ["/", "Find a label by its name"], ["r", "Go to the recent answers"],
    ["Esc", "Leave a recent answer that was opened as it is"], ["Ctrl z", "Undo, like z"]];
  byId("keys").replaceChildren(...[...more.slice(0, 3), ...COMMANDS, ...more.slice(3)].flatMap(([key, what]) =>
    [element("dt", {}, element("kbd", {}, key)), element("dd", {}, what)]));
  byId("reasons").replaceChildren(...REASONS.map(([key, words]) => {
    const button = element("button", { type: "button" }, words, element("kbd", {}, key));
    button.addEventListener("click", () => {
      byId("skip-dialog").close();
      skip(key === "s" ? "" : words.toLowerCase());
    });
    return button;
  }));
}

function onSkipKey(event) {
  const place = REASONS.findIndex(([key]) => key === event.key);
  if (place < 0 || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  byId("reasons").children[place].click();
}

// ---------------------------------------------------------------- keys

function onKey(event) {
  const free = !document.querySelector("dialog[open]") && (!isTyping(event) || event.target.value === "");
  if (isUndo(event) && free) {
    event.preventDefault();
    if (!event.repeat) undo();
    return;
  }
  if (!isOurs(event)) return;
  const name = labels.named(event.key);
  const command = COMMANDS.find(([key]) => key === event.key);
  if (name !== undefined) choose(name);
  else if (command) byId(command[2]).click();
  else if (event.key === "/" && labels.many) labels.filter.focus();
  else if (event.key === "r") byId("recent").querySelector("button")?.focus();
  else if (event.key === "Escape" && state.current?.reopened) leave();
  else if (event.key === "Enter" && !event.target.closest("button, a")) confirm();
  else return;
  event.preventDefault();
}

function onGuidelinesKey(event) {
  if (event.key === "g" && !event.repeat && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    byId("guidelines-dialog").close();
  }
}

function connectButtons() {
  document.addEventListener("keydown", onKey);
  const clicks = {
    undo, flag, note: openNote, blind: toggleBlind, confirm,
    skip: askSkip, leave,
    "ask-why": toggleWhy,
    "open-guidelines": () => open("guidelines-dialog"),
    "open-keys": () => open("keys-dialog"),
    "open-labels": () => labelDialog.open(state.project),
    "open-person": () => signIn(""),
    "end-close": () => { byId("end").hidden = true; },
  };
  for (const [id, act] of Object.entries(clicks)) byId(id).addEventListener("click", act);
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  byId("skip-dialog").addEventListener("keydown", onSkipKey);
  byId("guidelines-dialog").addEventListener("keydown", onGuidelinesKey);
  byId("note-form").addEventListener("submit", keepNote);
  byId("note-value").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("note-form").requestSubmit();
  });
}

// ---------------------------------------------------------------- the state of saving, progress, people

function showSaved() {
  const [kind, words] = queue.state();
  const saved = byId("saved");
  if (saved.dataset.state === kind && saved.dataset.words === words) return;
  saved.dataset.state = kind;
  saved.dataset.words = words;
  saved.textContent = words;
  if (kind === "refused") {
    const again = element("button", { type: "button" }, "Try again");
    again.addEventListener("click", () => queue.retryRefused());
    const drop = element("button", { type: "button" }, "Give up");
    drop.addEventListener("click", () => queue.dismissRefused());
    saved.append(again, drop);
  }
  showEmpty();
}

let looking = false;
let looked = 0;

// Progress from the server, not more often than it is of use.
async function look(force = false) {
  if (looking || (!force && performance.now() - looked < LOOK / 10)) return;
  looking = true;
  try {
    const [project, progress] = await Promise.all([get("/api/project"), get("/api/progress")]);
    if (project.annotator !== state.project.annotator) throw new Unauthorised(`${project.annotator} has signed in in another tab.`);
    const isOlder = project.renamed.length < state.project.renamed.length; // a label was renamed here meanwhile
    if (!queue.waiting && !isOlder) takeProject(project);
    showNumbers(project.counts, progress);
    if (Object.keys(progress.by_annotator).length > 1) await showDisagreements(state.project, settled);
    queue.flush();
  } catch (error) {
    if (error instanceof Unauthorised) await signIn(error.message);
  } finally {
    looking = false;
    looked = performance.now();
  }
}

function takeCounts(counts) {
  state.project.counts = counts;
  showNumbers(counts, null);
  showEmpty();
  look();
}

function settled() {
  fetchRecent().then(render);
  look(true);
}

function takeProject(project) {
  const before = state.project?.batch;
  if (state.project) followNames(project.renamed);
  state.project = project;
  if (before?.number && (project.batch.number !== before.number || isDone(project.batch))) tellEnd(before.number);
  labels.set(project.labels, project.multi_label);
  labelDialog.set(project);
  const others = [...waitingOfOthers(project.id, project.annotator)].map(([who, n]) =>
    `${n} of ${who} wait in this browser until ${who} opens this page again.`);
  project.notice = [project.notice, ...others].filter(Boolean).join(" ");
  showProject(project);
  if (project.blind && !state.blind) state.blind = true;
  if (!byId("guidelines-dialog").open) {
    const written = project.guidelines?.trim();
    byId("guidelines").replaceChildren(...markdown(written || "Nobody has written guidelines for this project yet."));
  }
  render();
}

const isDone = ({ number, size, done }) => number > 0 && size > 0 && done >= size;

let told = 0; // the batch whose end was told last

// What a batch has brought, and whether to go on; it stays until it is closed and is in nobody's way.
async function tellEnd(number) {
  if (told >= number) return;
  told = number;
  try {
    showEnd(number, await get("/api/advice"));
  } catch {
    told = number - 1; // the next look tells it
  }
}

let signing = null;

// One dialog at a time, whoever asks for it; then the page begins anew as that person.
function signIn(reason) {
  signing ??= askWho(reason, state.project?.annotator).then(() => location.reload());
  return signing;
}

async function start() {
  connectButtons();
  fillDialogs();
  try {
    await openSession();
    const project = await get("/api/project");
    const blind = localStorage.getItem(`alps-blind/${project.id}`);
    state.blind = project.blind || blind === "true";
    tabs = new Tabs(project.id, project.annotator, state.answered, giveUp);
    queue = new Queue(project.id, project.annotator, {
      onChange: showSaved,
      onCounts: takeCounts,
      onUnauthorised: signIn,
    });
    byId("open-person").textContent = project.annotator;
    byId("open-person").setAttribute("aria-label", `You label as ${project.annotator}; change`);
    takeProject(project);
    await queue.flush(); // so that the recent answers are all there
    await tabs.ask();
    await Promise.all([fetchMore(), fetchRecent().then(render), look(true)]);
    setInterval(() => look(true), LOOK);
  } catch (error) {
    if (error instanceof Unauthorised) await signIn(isKnown() ? error.message : "");
    else {
      setText("text", `The page cannot be opened yet: ${error.message} It tries again by itself.`);
      setTimeout(() => location.reload(), AGAIN);
    }
  }
}

// Another tab holds these texts as well and was first, or has answered them; what was opened or undone here stays.
function giveUp(ids, answered) {
  const { current, recent, undone } = state;
  const isLost = ({ id, event }) => ids.has(id) && !(answered && undone.has(event));
  state.upcoming = state.upcoming.filter((item) => !isLost(item));
  if (current && isLost(current) && !recent.some(({ id }) => id === current.id)) advance();
}

start();
