// The dialog of the labels: each may be renamed or removed, and a new one added.

import { byId, element, setText } from "./dom.js";
import { post } from "./server.js";

export class LabelDialog {
  // `changed(answer)` is called with the labels as they are now, and what happened to their names.
  constructor(changed) {
    this.changed = changed;
    this.labels = [];
    this.classes = {};
    this.drawn = "";
    this.renaming = null; // the label whose new name is being typed
    byId("label-form").addEventListener("submit", (event) => this.add(event));
  }

  open(project) {
    this.renaming = null;
    this.clear();
    this.set(project);
    byId("label-dialog").showModal();
    byId("label-value").focus();
  }

  // The labels as they are now; what somebody is typing is not drawn over.
  set({ labels, classes }) {
    this.labels = labels;
    this.classes = classes;
    if (!labels.some(({ name }) => name === this.renaming)) this.renaming = null;
    if (this.renaming === null) this.draw();
  }

  clear() {
    setText("label-error", "");
    setText("label-said", "");
  }

  draw() {
    const rows = this.labels.map(({ name }) => [name, this.classes[name] ?? 0]);
    const wanted = JSON.stringify([rows, this.renaming]);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    byId("label-list").replaceChildren(...rows.map(([name, n]) =>
      element("li", {}, name === this.renaming ? this.form(name) : this.row(name, n))));
  }

  row(name, n) {
    const rename = element("button", { type: "button", "aria-label": `Rename ${name}` }, "Rename");
    const remove = element("button", { type: "button", "aria-label": `Remove ${name}` }, "Remove");
    rename.addEventListener("click", () => this.begin(name));
    remove.addEventListener("click", () => this.send("remove", { name }, `${name} is removed.`, null));
    return element("div", { class: "line" }, element("span", { dir: "auto" }, name),
      element("span", { class: "about" }, n.toLocaleString("en")), rename, remove);
  }

  form(name) {
    const field = element("input", { type: "text", maxlength: "200", autocomplete: "off", dir: "auto", required: "",
                                     "aria-label": `New name of ${name}`, "aria-describedby": "label-said" });
    field.value = name;
    const submit = element("button", { type: "submit" }, "Rename");
    const back = element("button", { type: "button" }, "Back");
    const made = element("form", { class: "line" }, field, submit, back);
    const merges = () => this.labels.some((label) => label.name === field.value.trim() && label.name !== name);
    field.addEventListener("input", () => {
      submit.textContent = merges() ? "Merge" : "Rename";
      setText("label-said", merges() ? `${field.value.trim()} is there: the two become one, which cannot be taken back.` : "");
    });
    made.addEventListener("submit", (event) => {
      event.preventDefault();
      const merge = merges();
      const now = field.value.trim();
      const words = merge ? `${name} and ${now} are one label.` : `${name} is now called ${now}.`;
      this.send("rename", { name, new: now, merge }, words, now);
    });
    back.addEventListener("click", () => this.end(name));
    made.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault(); // leaves the field and not the dialog
      this.end(name);
    });
    return made;
  }

  begin(name) {
    this.renaming = name;
    this.clear();
    this.draw();
    byId("label-list").querySelector("input").select();
  }

  end(name) {
    this.renaming = null;
    this.clear();
    this.draw();
    const place = this.labels.findIndex((label) => label.name === name);
    (byId("label-list").children[place]?.querySelector("button") ?? byId("label-value")).focus();
  }

  // Rename or remove; then the label `name` has the focus, or, where it is no more, the field for a new one.
  async send(what, content, words, name) {
    try {
      const answer = await post(`/api/labels/${what}`, content);
      this.renaming = null;
      this.changed(answer);
      this.end(name);
      setText("label-said", words);
    } catch (error) {
      setText("label-error", error.message);
    }
  }

  async add(event) {
    event.preventDefault();
    try {
      const answer = await post("/api/labels", { name: byId("label-value").value.trim() });
      byId("label-dialog").close();
      byId("label-value").value = "";
      this.changed(answer);
    } catch (error) {
      setText("label-error", error.message);
    }
  }
}
