// The buttons of the labels, and the field that finds one among many.

import { byId, element } from "./dom.js";

const MANY = 10; // beyond as many as there are digits, a field finds labels by their name

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// Labels whose name starts with what is sought first, then those with a word that does, then those that contain it.
export function found(labels, sought) {
  const wanted = plain(sought.trim());
  if (!wanted) return labels;
  const rank = ({ name }) => {
    const words = plain(name);
    if (words.startsWith(wanted)) return 0;
    if (words.split(/[\s\-_/.,:;()]+/).some((word) => word.startsWith(wanted))) return 1;
    return words.includes(wanted) ? 2 : 3;
  };
  return [0, 1, 2].flatMap((wantedRank) => labels.filter((label) => rank(label) === wantedRank));
}

// Names as they are called after some changes, each once; a label that was removed is left out.
export function namesAfter(names, changes) {
  let now = names;
  for (const { name, now: other } of changes) now = now.map((each) => (each === name ? other : each));
  return [...new Set(now.filter((name) => name !== null))];
}

export class Labels {
  // `choose(name)` is called for a press, `confirm()` for Enter in a project with several labels per text.
  constructor(choose, confirm) {
    this.choose = choose;
    this.confirm = confirm;
    this.labels = [];
    this.buttons = new Map();
    this.active = 0;
    this.typing = true; // whether the next text finds the field ready: Escape says no, entering the field yes
    this.filter = byId("filter");
    this.filter.addEventListener("focus", () => { this.typing = true; });
    this.filter.addEventListener("input", () => { this.active = 0; this.arrange(); });
    this.filter.addEventListener("keydown", (event) => this.onFilterKey(event));
  }

  get many() {
    return this.labels.length > MANY;
  }

  set(labels, multi) {
    this.multi = multi;
    byId("confirm").hidden = !multi;
    if (JSON.stringify(labels) === JSON.stringify(this.labels)) return;
    this.labels = labels;
    this.buttons = new Map(labels.map((label, i) => [label.name, this.button(label, i)]));
    byId("labels").classList.toggle("many", this.many);
    byId("filter-line").hidden = !this.many;
    this.arrange();
    this.measure();
  }

  // A grid with as many columns as there is room for does not know how wide the longest word is.
  measure() {
    const { classList, style } = byId("labels");
    classList.add("measured");
    style.setProperty("--longest", `${Math.max(...[...this.buttons.values()].map((button) => button.offsetWidth))}px`);
    classList.remove("measured");
  }

  button(label, i) {
    const made = element("button", { type: "button", id: `label-${i}` }, element("span", { dir: "auto" }, label.name));
    if (label.key) made.append(element("kbd", {}, label.key));
    made.addEventListener("click", () => this.choose(label.name));
    made.addEventListener("keydown", (event) => {
      if (!this.multi || event.key !== "Enter" || event.repeat) return; // the space bar toggles, Enter confirms
      event.preventDefault();
      this.confirm();
    });
    return made;
  }

  arrange() {
    this.shown = found(this.labels, this.filter.value);
    this.active = Math.max(0, Math.min(this.active, this.shown.length - 1));
    const empty = element("p", { class: "about" }, "No label has this in its name.");
    byId("labels").replaceChildren(...(this.shown.length ? this.shown.map(({ name }) => this.buttons.get(name)) : [empty]));
    this.point();
  }

  // Point at the label that Enter takes, while something is sought.
  point() {
    const sought = this.filter.value.trim() !== "";
    for (const button of this.buttons.values()) button.classList.remove("active");
    const target = sought && this.shown.length ? this.buttons.get(this.shown[this.active].name) : null;
    target?.classList.add("active");
    target?.scrollIntoView({ block: "nearest" });
    if (target) this.filter.setAttribute("aria-activedescendant", target.id);
    else this.filter.removeAttribute("aria-activedescendant");
  }

  onFilterKey(event) {
    if (event.isComposing || event.keyCode === 229 || event.repeat && event.key === "Enter") return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.shown.length) {
      event.preventDefault();
      this.active = (this.active + step + this.shown.length) % this.shown.length;
      this.point();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const target = this.filter.value.trim() ? this.shown[this.active] : undefined;
      if (target) {
        this.clear();
        this.choose(target.name);
      } else if (this.multi && !this.filter.value.trim()) this.confirm();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.clear();
      this.filter.blur();
      this.typing = false;
    }
  }

  clear() {
    if (!this.filter.value) return;
    this.filter.value = "";
    this.active = 0;
    this.arrange();
  }

  // With labels beyond the keys the field is ready for typing, except where that would open a keyboard over the text.
  ready() {
    const free = document.activeElement === document.body || document.activeElement === null;
    const needed = this.labels.some(({ key }) => !key); // where every label has a key, keys answer
    if (needed && this.typing && free && !matchMedia("(pointer: coarse)").matches) this.filter.focus({ preventScroll: true });
  }

  mark(chosen) {
    for (const [name, button] of this.buttons) button.setAttribute("aria-pressed", String(chosen.has(name)));
  }

  enable(on) {
    for (const button of this.buttons.values()) button.disabled = !on;
  }

  named(key) {
    return this.labels.find((label) => label.key && label.key === key)?.name;
  }
}
