// The dashboard: asks every few seconds whether anything has changed, and draws it anew if so.

import { classBalance, empty, interval, learningCurve, percent, poolMap, table } from "./charts.js";
import { byId, element, say, setText } from "./dom.js";
import { connectLoop, showLoop } from "./loop.js";
import { duration } from "./panels.js";
import { get, newId, post, Unauthorised } from "./server.js";

const EVERY = 2000; // milliseconds
const MOST = 20; // entries of a list
let shown = null; // the moment that is drawn
let shownCloser = null; // the moment of what takes longer
let asking = false; // whether that is asked for
let drawCharts = () => {}; // once more, in another width

const number = (n) => n.toLocaleString("en");
const facts = (rows) => rows.map(([what, value]) => element("div", {}, element("dt", {}, what), element("dd", {}, value)));
const named = (labels) => labels.join(", ") || "none of these";

function showState(state, words) {
  byId("state").dataset.state = state;
  setText("state", words);
}

function showAdvice({ sentence, rules }) {
  setText("advice", sentence);
  byId("rules").replaceChildren(...rules.map(({ met, reason, source }) => element("li", { title: source },
    element("span", { class: met ? "mark met" : "mark", "aria-hidden": "true" }, met ? "✓" : "○"),
    element("span", {}, element("span", { class: "unseen" }, met ? "Met: " : "Not met: "), reason))));
}

// A share, unless it rests on so few texts of the audit that it would say more than is known.
const known = (share, audit) => (share && share.n >= audit.needed_for_a_share ? share : null);

function accuracyWords(accuracy, audit) {
  if (!accuracy) return "not known yet";
  if (known(accuracy, audit)) return interval(accuracy);
  const right = Math.round(accuracy.estimate * accuracy.n);
  return `known from ${audit.needed_for_a_share} texts on; ${right} of ${accuracy.n} so far`;
}

function showAccount({ accuracy, audit, expected_gain: gain, labels_saved: saved, labels_saved_never: never }) {
  const rows = [["right on this share of the pool, 95 % interval", accuracyWords(accuracy, audit)],
                ["labels of the audit, which is drawn at random", `${number(audit.labelled)} of ${number(audit.texts)}`]];
  if (gain) {
    rows.push([`more with the next ${gain.labels} labels: an extrapolation`,
               `${(100 * gain.estimate).toFixed(1)} points (${(100 * gain.low).toFixed(1)} to ${(100 * gain.high).toFixed(1)})`]);
  }
  const left = audit.needed_against_random - audit.labelled;
  rows.push([`labels saved against random labelling: ${never ?? "an extrapolation"}`,
             never ? "cannot be told" : saved ? savedWords(saved)
               : left > 0 ? `after ${number(left)} more of the audit` : "not known yet"]);
  byId("account").replaceChildren(...facts(rows));
}

function savedWords({ estimate, low, high, most, certain }) {
  const count = (labels) => (labels === null ? `more than ${number(most)}` : number(labels));
  if (!certain) return `cannot be told yet: anything from ${count(low)} to ${count(high)}`;
  return `${count(estimate)} (${count(low)} to ${count(high)}${high === null ? `; the pool has only ${number(most)} more` : ""})`;
}

function showPace({ counts, batch }, progress) {
  const done = batch.number ? `${number(batch.done)} of ${number(batch.size)} in batch ${batch.number}` : "the first texts";
  const rows = [["labelled", number(counts.labelled)], ["skipped", number(counts.skipped)], ["now", done],
                ["today", number(progress.labelled_today)]];
  if (progress.pace_per_minute) rows.push(["a minute, by you, in the last ten", progress.pace_per_minute.toFixed(1)]);
  if (progress.seconds_left_batch) rows.push(["left in the batch", duration(progress.seconds_left_batch)]);
  byId("pace").replaceChildren(...facts(rows));
}

function showCurve({ curve, audit }) {
  const target = byId("curve");
  const points = curve.filter(({ accuracy }) => known(accuracy, audit));
  target.replaceChildren(...(points.length ? learningCurve(points, target.clientWidth)
    : empty(`It begins when a model is trained and ${audit.needed_for_a_share} texts of the audit are labelled.`)));
}

function showClasses({ labels, classes }, { class_shares: shares, audit }) {
  const rows = labels.map(({ name }) => ({ name, n: classes[name] ?? 0, share: known(shares[name], audit) }));
  byId("balance").replaceChildren(...classBalance(rows, byId("balance").clientWidth));
}

function showMap(points, labels) {
  byId("map").replaceChildren(...(points.length ? poolMap(points, labels.map(({ name }) => name))
    : empty("It is drawn when the first model is trained.")));
}

// A text with what is said of it, and a button for each answer that may be right.
function entry({ id, text }, words, choices, { annotator, renamed }) {
  const buttons = choices.map((labels) => {
    const button = element("button", { type: "button", dir: "auto" }, named(labels));
    button.addEventListener("click", async () => {
      try {
        const sent = { annotator, event: newId(), text: id, labels, n_renamed: renamed.length };
        const { refused } = await post("/api/settle", sent);
        say(refused.length ? refused[0].reason : `Settled: ${named(labels)}.`);
        await look();
      } catch (error) {
        showState("offline", `Not settled: ${error.message}`);
      }
    });
    return button;
  });
  return element("div", { class: "pair" }, element("p", { class: "snippet", dir: "auto" }, text),
    element("p", { class: "about", dir: "auto" }, words), element("div", { class: "settle" }, ...buttons));
}

const different = (choices) => [...new Set(choices.map((labels) => JSON.stringify(labels)))].map((each) => JSON.parse(each));

function fill(id, items) {
  const list = byId(id);
  list.hidden = !items.length;
  list.replaceChildren(...items.map((parts) => element("li", {}, ...parts)));
}

function mistake(each, project) {
  if (each.suggest) {
    return entry(each, `labelled ${named(each.labels)} (believed at ${percent(each.probability)}); the model: ${named(each.suggest)}`,
      different([each.labels, each.suggest]), project);
  }
  const others = project.multi_label ? [] : project.labels.map(({ name }) => [name]); // a blind project: what the model says is not told
  return entry(each, `labelled ${named(each.labels)}`, different([each.labels, ...others]), project);
}

function showQuality({ likely_mistakes: mistakes, n_likely_mistakes: n, near_copies: pairs, n_near_copies: nPairs,
                       annotators, note }, project) {
  setText("mistakes-words", note ?? (n ? `${n} labels that models which had not seen them do not believe; press the right one.`
    : "None are found; they are looked for after each training."));
  fill("mistakes", mistakes.slice(0, MOST).map((each) => [mistake(each, project)]));
  setText("copies-words", nPairs ? `${nPairs} pairs; press what is right.` : "None.");
  fill("copies", pairs.slice(0, MOST).map(({ texts }) => texts.map((each) =>
    entry(each, `labelled ${named(each.labels)}`, different(texts.map((other) => other.labels)), project))));
  const share = (value) => (value === null ? "–" : percent(value));
  byId("annotators").replaceChildren(table(
    ["annotator", "labelled", "skipped", "seconds a text", "agrees with others", "in common", "follows suggestions"],
    annotators.map((each) => [each.annotator, number(each.labelled), number(each.skipped),
      each.seconds === null ? "–" : each.seconds.toFixed(1), share(each.agreement), number(each.common),
      share(each.followed)])));
}

function showDisagreements(items, { n, cohen, krippendorff }, project) {
  const rounded = (value) => (value === null ? "–" : value.toFixed(2));
  setText("disagreements-words", n ? `${n} texts with several labels · Cohen ${rounded(cohen)} · `
    + `Krippendorff ${rounded(krippendorff)} · ${items.length} to settle` : "No text has the labels of several people.");
  fill("disagreements", items.slice(0, MOST).map((item) => [entry(item,
    item.answers.map(({ annotator, labels }) => `${annotator}: ${named(labels)}`).join(" · "),
    different(item.answers.map(({ labels }) => labels)), project)]));
}

// Ask, and draw where something has changed.
async function look() {
  const moment = JSON.stringify((await get("/api/moment")).moment);
  const project = await get("/api/project"); // lets the server begin what is due
  if (moment !== shown) {
    const [account, advice, progress, { points }, { items }, agreed] = await Promise.all(
      ["account", "advice", "progress", "map", "disagreements", "agreement"].map((name) => get(`/api/${name}`)));
    document.title = `${project.name} · alps dashboard`;
    setText("name", project.name);
    showAdvice(advice);
    showAccount(account);
    showPace(project, progress);
    drawCharts = () => { showCurve(account); showClasses(project, account); };
    drawCharts();
    showMap(points, project.labels);
    showDisagreements(items, agreed, project);
    await showLoop(project);
    shown = moment;
  }
  lookCloser(moment, project);
}

// What takes longer and must not hold up the rest; when it fails it is asked for again.
async function lookCloser(moment, project) {
  if (asking || moment === shownCloser) return;
  asking = true;
  try {
    showQuality(await get("/api/quality"), project);
    shownCloser = moment;
  } catch {
    setText("mistakes-words", "Not known yet; asked again in a moment.");
  } finally {
    asking = false;
  }
}

let drawnWidth = 0;

// The height changes with what is drawn, and with a table that somebody opens.
function onWidth([{ contentRect: { width } }]) {
  if (width === drawnWidth) return;
  drawnWidth = width;
  drawCharts();
}

async function watch() {
  try {
    if (!document.hidden) {
      await look();
      showState("saved", "Live");
    }
  } catch (error) {
    if (error instanceof Unauthorised) {
      showState("refused", "Open the labelling page first, with the address that alps label printed.");
      return;
    }
    showState("offline", "The server does not answer");
  }
  setTimeout(watch, EVERY);
}

new ResizeObserver(onWidth).observe(byId("curve"));
connectLoop();
watch();
