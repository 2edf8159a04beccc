// What chooses the texts, and the models: shown, and changed.

import { byId, element, say, setText } from "./dom.js";
import { get, post } from "./server.js";

const NONE = "none"; // afterwards: the first strategy stays
let summaries = {};
let edited = false; // what somebody is about to change is not drawn over

function fillSelect(select, names, chosen) {
  const all = names.includes(chosen) ? names : [chosen, ...names]; // one that only the command line can give
  select.replaceChildren(...all.map((name) => element("option", { value: name }, name === NONE ? "the same" : name)));
  select.value = chosen;
}

function describe() {
  setText("loop-strategy-words", summaries[byId("loop-strategy").value] ?? "");
  setText("loop-warm-words", summaries[byId("loop-warm").value] ?? "");
}

function modelWords({ items, running, failure }) {
  const done = items.find(({ state }) => state === "done");
  const words = [];
  if (running) words.push(`${running} is being trained; go on labelling meanwhile.`);
  if (done) words.push(`The newest: ${done.classifier}, trained on ${done.n_labels} labels.`);
  if (failure) words.push(`The last attempt failed and will be repeated; no label is lost: ${failure}`);
  return words.join(" ") || "None has been trained yet.";
}

export async function showLoop({ batch }) {
  const [loop, models] = await Promise.all([get("/api/loop"), get("/api/trainings")]);
  setText("loop-words", batch.reason ?? "The first texts are drawn at random.");
  setText("models", modelWords(models));
  byId("finetune").disabled = models.running === "finetune";
  if (edited) return;
  summaries = { ...loop.warm_choices, [NONE]: "The first strategy chooses every batch." };
  fillSelect(byId("loop-strategy"), Object.keys(loop.cold_choices), loop.strategy);
  fillSelect(byId("loop-warm"), [NONE, ...Object.keys(loop.warm_choices)], loop.warm);
  byId("loop-texts").value = loop.texts_per_class;
  describe();
}

async function keep(event) {
  event.preventDefault();
  const wanted = { strategy: byId("loop-strategy").value, warm: byId("loop-warm").value,
                   texts_per_class: byId("loop-texts").valueAsNumber };
  try {
    await post("/api/loop", wanted);
    edited = false;
    say("Kept; the next batch follows it.");
    setText("loop-words", "Kept; the next batch follows it.");
  } catch (error) {
    setText("loop-words", `Not changed: ${error.message}`);
  }
}

async function fineTune() {
  try {
    await post("/api/train", { classifier: "finetune" });
    say("A model will be fine-tuned.");
    byId("finetune").disabled = true;
  } catch (error) {
    setText("models", `Not begun: ${error.message}`);
  }
}

export function connectLoop() {
  byId("loop").addEventListener("input", () => { edited = true; describe(); });
  byId("loop").addEventListener("submit", keep);
  byId("finetune").addEventListener("click", fineTune);
}
