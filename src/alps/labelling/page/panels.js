// What stands around the text: progress, recent answers, why a text was chosen, disagreements.

import { byId, element, fillList, setText } from "./dom.js";

const SHORT = 90; // characters of a text in a list
const STRONGEST = 8; // nats from which a token is shaded most

const short = (text) => (text.length > SHORT ? `${text.slice(0, SHORT).trimEnd()}…` : text);
const number = (n) => n.toLocaleString("en");

export function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function showProject({ name, batch, counts, classes, notice, labels }) {
  document.title = `${name} · alps label`;
  setText("name", name);
  const bar = byId("batch-bar");
  bar.hidden = !batch.size;
  bar.max = Math.max(1, batch.size);
  bar.value = Math.min(batch.done, bar.max);
  const of = batch.size ? `${number(batch.done)} of ${number(batch.size)}` : number(batch.done);
  setText("batch-words", batch.number ? `Batch ${batch.number} · ${of}` : `First texts · ${of}`);
  setText("reason", batch.reason ?? "");
  byId("reason").hidden = !batch.reason;
  setText("notice", notice ?? "");
  byId("notice").hidden = !notice;
  const most = Math.max(1, ...labels.map((label) => classes[label.name] ?? 0));
  const shown = [...labels].sort((one, other) => (classes[other.name] ?? 0) - (classes[one.name] ?? 0)).slice(0, 12);
  byId("classes").replaceChildren(...(labels.length > 12 ? shown : labels).map((label) => {
    const n = classes[label.name] ?? 0;
    const meter = element("span", { class: "meter", "aria-hidden": "true" });
    meter.style.setProperty("--share", n / most);
    return element("li", {}, element("span", { dir: "auto" }, label.name), " ", element("b", {}, number(n)), meter);
  }));
  return counts;
}

export function showEnd(number, { sentence, told }) {
  setText("end-title", `Batch ${number} is answered.`);
  setText("end-advice", sentence);
  byId("end-told").replaceChildren(...told.map((line) => element("li", { dir: "auto" }, line)));
  byId("end").hidden = false;
}

export function showNumbers(counts, progress) {
  const rows = [["labelled", number(counts.labelled)], ["skipped", number(counts.skipped)],
                ["to go", number(counts.unlabelled + counts.pending)]];
  if (progress?.pace_per_minute) rows.push(["a minute", progress.pace_per_minute.toFixed(1)]);
  if (progress?.seconds_left_batch) rows.push(["left in batch", duration(progress.seconds_left_batch)]);
  byId("numbers").replaceChildren(...rows.map(([what, n]) =>
    element("div", {}, element("dt", {}, what), element("dd", {}, n))));
}

export function showRecent(entries, open) {
  fillList(byId("recent"), entries, (entry) => [entry.event, answerIn(entry)], (entry) => {
    const button = element("button", { type: "button" },
      element("span", { dir: "auto", class: "snippet" }, short(entry.text)), element("b", { dir: "auto" }, answerIn(entry)));
    button.addEventListener("click", () => open(entry));
    return element("li", {}, button);
  });
}

function answerIn({ kind, reason, labels }) {
  if (kind === "skip") return `skipped${reason ? `: ${reason}` : ""}`;
  return (kind === "settle" ? "settled: " : "") + (labels?.join(", ") || "none of these");
}

export function showWhy(why, text) {
  const panel = byId("why");
  const parts = [];
  const chosen = [why.strategy && `chosen by ${why.strategy}`, why.round && `in batch ${why.round}`,
                  why.cluster_size && `stands for ${number(why.cluster_size)} texts`].filter(Boolean);
  parts.push(element("p", {}, chosen.length ? `This text was ${chosen.join(", ")}.` : "This text was drawn at random."));
  if (why.tokens?.length) {
    const words = element("p", { class: "tokens", dir: "auto" });
    let end = 0; // tokens carry no white space: what stands between them comes from the text
    for (const { text: token, nats } of why.tokens) {
      const start = text.indexOf(token, end);
      if (start < 0) continue;
      const mark = element("mark", nats ? { title: `${nats.toFixed(1)} nats` } : {}, token);
      mark.style.setProperty("--heat-share", Math.sqrt(Math.min(nats ?? 0, STRONGEST) / STRONGEST));
      words.append(text.slice(end, start), mark);
      end = start + token.length;
    }
    words.append(text.slice(end));
    parts.push(element("h3", {}, "What surprised the language model"), words);
  }
  if (why.neighbours?.length) {
    parts.push(element("h3", {}, "Texts that it stands for"),
      element("ul", {}, ...why.neighbours.map((text) => element("li", { dir: "auto" }, short(text)))));
  }
  panel.replaceChildren(...parts);
}
