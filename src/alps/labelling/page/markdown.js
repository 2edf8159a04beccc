// Guidelines in a small Markdown, as nodes: headings, paragraphs, lists, quotes, code, tables are not needed to say
// what a label means. HTML in the source stays text; links go to http, https and mailto only.

import { element } from "./dom.js";

const INLINE = /(`[^`]+`)|(\*\*[^*]+\*\*)|(\*[^*\s][^*]*\*|\b_[^_\s][^_]*_\b)|\[([^\]]+)\]\(([^()\s]+)\)/;

function inline(text) {
  const nodes = [];
  let rest = text;
  for (let match = INLINE.exec(rest); match; match = INLINE.exec(rest)) {
    nodes.push(rest.slice(0, match.index));
    if (match[1]) nodes.push(element("code", {}, match[1].slice(1, -1)));
    else if (match[2]) nodes.push(element("strong", {}, ...inline(match[2].slice(2, -2))));
    else if (match[3]) nodes.push(element("em", {}, ...inline(match[3].slice(1, -1))));
    else nodes.push(link(match[4], match[5]));
    rest = rest.slice(match.index + match[0].length);
  }
  nodes.push(rest);
  return nodes;
}

function link(words, address) {
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return `[${words}](${address})`;
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, words);
}

const BLOCKS = [
  [/^```/, (lines) => {
    lines.shift();
    const code = [];
    while (lines.length && !/^```/.test(lines[0])) code.push(lines.shift());
    lines.shift();
    return element("pre", {}, element("code", {}, code.join("\n")));
  }],
  [/^#{1,6} /, (lines) => {
    const [, marks, words] = /^(#+) +(.*?)[ #]*$/.exec(lines.shift());
    return element(`h${Math.min(6, marks.length + 2)}`, {}, ...inline(words));
  }],
  [/^ *(-{3,}|\*{3,}) *$/, (lines) => { lines.shift(); return element("hr"); }],
  [/^ *[-*+] /, (lines) => list("ul", /^ *[-*+] +/, lines)],
  [/^ *\d+[.)] /, (lines) => list("ol", /^ *\d+[.)] +/, lines)],
  [/^>/, (lines) => {
    const quoted = [];
    while (lines.length && /^>/.test(lines[0])) quoted.push(lines.shift().replace(/^> ?/, ""));
    return element("blockquote", {}, ...blocks(quoted));
  }],
];

function list(name, mark, lines) {
  const items = [];
  while (lines.length && (mark.test(lines[0]) || (items.length && /^ +\S/.test(lines[0])))) {
    const line = lines.shift();
    if (mark.test(line)) items.push(line.replace(mark, ""));
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return element(name, {}, ...items.map((item) => element("li", {}, ...inline(item))));
}

function blocks(lines) {
  const made = [];
  while (lines.length) {
    const block = BLOCKS.find(([mark]) => mark.test(lines[0]));
    if (block) made.push(block[1](lines));
    else if (!lines[0].trim()) lines.shift();
    else {
      const words = [lines.shift()];
      while (lines.length && lines[0].trim() && !BLOCKS.some(([mark]) => mark.test(lines[0]))) words.push(lines.shift());
      made.push(element("p", {}, ...inline(words.join(" "))));
    }
  }
  return made;
}

export const markdown = (source) => blocks(source.replaceAll("\r\n", "\n").split("\n"));
