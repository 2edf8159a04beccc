// Elements, made so that text can never become markup: strings go in as text nodes only.

export const byId = (id) => document.getElementById(id);

// An element with properties or attributes; children are nodes or strings.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function setText(id, text) {
  const target = byId(id);
  if (target.textContent !== text) target.textContent = text;
}

// Make the children of a list those of some items, each told by a key. A child whose key stays is not touched: it keeps
// the focus, and a press that began on it ends on it.
export function fillList(list, items, keyOf, make) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const key = JSON.stringify(keyOf(item));
    const child = old.get(key) ?? make(item);
    child.dataset.key = key;
    return child;
  });
  const kept = new Set(wanted);
  for (const child of [...list.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, i) => { if (list.children[i] !== child) list.insertBefore(child, list.children[i] ?? null); });
}

// Tell screen readers; the same words twice are told twice.
export function say(words) {
  const said = byId("said");
  said.textContent = said.textContent === words ? `${words}\u00a0` : words;
}
