// Texts on which people disagree, and settling them.

import { byId, element, fillList, setText } from "./dom.js";
import { get, newId, post } from "./server.js";

const MOST = 20;

const rounded = (value) => (value === null || value === undefined ? "–" : value.toFixed(2));

export async function showDisagreements({ annotator, labels, renamed, multi_label: multi }, onSettled) {
  const [{ items }, agreed] = await Promise.all([get("/api/disagreements"), get("/api/agreement")]);
  byId("disagreements-section").hidden = !agreed.n;
  setText("agreement", `${agreed.n} texts with several labels · Cohen ${rounded(agreed.cohen)} · `
    + `Krippendorff ${rounded(agreed.krippendorff)} · ${items.length} to settle`);
  fillList(byId("disagreements"), items.slice(0, MOST), ({ id, answers }) => [id, answers, labels, renamed.length],
    (item) => entry(item, annotator, labels, renamed.length, multi, onSettled));
}

// A text, who said what, and a button for each answer that was given; in a project with one label also for the others.
function entry({ id, text, answers }, annotator, labels, nRenamed, multi, onSettled) {
  const given = answers.map((answer) => JSON.stringify(answer.labels));
  const others = multi || labels.length > 10 ? [] : labels.map(({ name }) => JSON.stringify([name]));
  const buttons = [...new Set([...given, ...others])].map((value) => {
    const chosen = JSON.parse(value);
    const button = element("button", { type: "button", dir: "auto" }, chosen.join(", ") || "none of these");
    button.addEventListener("click", async () => {
      try {
        const sent = { annotator, event: newId(), text: id, labels: chosen, n_renamed: nRenamed };
        const { refused } = await post("/api/settle", sent);
        if (refused.length) setText("agreement", refused[0].reason);
        else onSettled();
      } catch (error) {
        setText("agreement", `Not settled: ${error.message}`);
      }
    });
    return button;
  });
  const said = answers.map(({ annotator, labels: names }) => `${annotator}: ${names.join(", ") || "none"}`).join(" · ");
  return element("li", {}, element("p", { class: "snippet", dir: "auto" }, text),
    element("p", { class: "about", dir: "auto" }, said), element("div", { class: "settle" }, ...buttons));
}
