// Keys: which do what, and when a key press is none of ours.

// key, what it does, the id of the button it presses
export const COMMANDS = [
  ["z", "Undo the last answer; again for the one before", "undo"],
  ["s", "Skip the text, with a reason", "skip"],
  ["f", "Flag the text, or take the flag off", "flag"],
  ["n", "Write a note on the text", "note"],
  ["w", "Why this text was chosen", "ask-why"],
  ["b", "Blind: hide the model's suggestion and the reasons", "blind"],
  ["g", "Guidelines", "open-guidelines"],
  ["a", "Labels: add, rename or remove one", "open-labels"],
  ["?", "This list", "open-keys"],
];

export function isTyping(event) {
  if (event.isComposing || event.keyCode === 229) return true; // a composition, for instance of Chinese
  const target = event.target;
  // A field keeps the keys after its dialog has closed, until the next frame.
  if (!(target instanceof HTMLElement) || target.closest("dialog:not([open])")) return false;
  return target.isContentEditable || target.matches("input, textarea, select");
}

// A press that a person meant for the page: not typing, no browser's shortcut, no key held down, no dialog open.
export function isOurs(event) {
  if (event.defaultPrevented || event.repeat || isTyping(event)) return false;
  return !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector("dialog[open]");
}

export const isUndo = (event) =>
  (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z";
