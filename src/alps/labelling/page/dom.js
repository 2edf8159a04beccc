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

// Tell screen readers; the same words twice are told twice.
export function say(words) {
  const said = byId("said");
  said.textContent = said.textContent === words ? `${words}\u00a0` : words;
}
