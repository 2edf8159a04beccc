// Charts as SVG, drawn by hand. Each is an image with a name for screen readers; what it shows stands in a table below it.
// Those with words in them are drawn in the pixels of the page: the size of the words is fixed, and they always fit.

import { element } from "./dom.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const COLOURS = 8;
const LETTER = 7.5; // pixels, the width of a letter or digit in the size of dashboard.css
const MARK = 48; // pixels that a mark on the axis below needs

export const percent = (share) => `${(100 * share).toFixed(share > 0.0995 && share < 0.9005 ? 0 : 1)} %`;

// Its three numbers have the same precision: whole per cents, or tenths where it is narrower than ten.
export function interval({ estimate, low, high }) {
  const [middle, from, to] = [estimate, low, high].map((share) => `${(100 * share).toFixed(high - low < 0.1 ? 1 : 0)} %`);
  return `${middle} (${from} to ${to})`;
}

function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function picture(width, height, name, ...children) {
  return shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name }, ...children);
}

export function table(head, rows) {
  return element("table", {},
    element("thead", {}, element("tr", {}, ...head.map((words) => element("th", { scope: "col" }, words)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((cell, i) =>
      element(i ? "td" : "th", i ? {} : { scope: "row", dir: "auto" }, cell))))));
}

const asTable = (name, head, rows) => element("details", {}, element("summary", {}, "As a table"),
  element("div", { class: "table", tabindex: "0", role: "region", "aria-label": `${name} as a table` }, table(head, rows)));

export const empty = (words) => [element("p", { class: "empty" }, words)];

// Accuracy over labels: points of { n_labels, accuracy: { estimate, low, high } }.
export function learningCurve(points, width) {
  const [height, left, right, top, bottom] = [300, 48, 16, 12, 40];
  const most = Math.max(...points.map((point) => point.n_labels)) * 1.02;
  const least = Math.min(0.9, Math.max(0, Math.floor(10 * Math.min(...points.map((point) => point.accuracy.low))) / 10));
  const x = (n) => left + (width - left - right) * (n / most);
  const y = (share) => top + (height - top - bottom) * (1 - (share - least) / (1 - least));
  const at = (n, share) => `${x(n).toFixed(1)},${y(share).toFixed(1)}`;
  const between = [2, 5, 10, 20].find((each) => Math.round(100 * (1 - least)) / each <= 5) ?? 20;
  const marks = [0, 1, 2, 3, 4, 5].map((i) => 100 - i * between).filter((mark) => mark >= Math.round(100 * least));
  const grid = marks.flatMap((mark) => [
    shape("line", { class: "axis", x1: left, x2: width - right, y1: y(mark / 100), y2: y(mark / 100) }),
    shape("text", { x: left - 8, y: y(mark / 100) + 4, "text-anchor": "end" }, `${mark} %`)]);
  const nMarks = Math.min(6, (width - left - right) / MARK);
  const steps = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000];
  const step = steps.find((each) => most / each <= nMarks) ?? 100000;
  for (let n = 0; n <= most; n += step) {
    grid.push(shape("text", { x: x(n), y: height - bottom + 18, "text-anchor": "middle" }, String(n)));
  }
  grid.push(shape("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, "labels"));
  const band = [...points.map((point) => at(point.n_labels, point.accuracy.high)),
                ...[...points].reverse().map((point) => at(point.n_labels, point.accuracy.low))].join(" ");
  const line = points.map((point) => at(point.n_labels, point.accuracy.estimate)).join(" ");
  const dots = points.map((point) => shape("circle", { class: "dot", r: 3.5, cx: x(point.n_labels), cy: y(point.accuracy.estimate) },
    shape("title", {}, `${point.n_labels} labels: ${interval(point.accuracy)}`)));
  const whiskers = points.length > 1 ? [] : points.map((point) => shape("line", { class: "whisker", x1: x(point.n_labels),
    x2: x(point.n_labels), y1: y(point.accuracy.low), y2: y(point.accuracy.high) }));
  const last = points.at(-1);
  const name = `Learning curve of ${points.length} models; the last, on ${last.n_labels} labels: ${interval(last.accuracy)}.`;
  return [picture(width, height, name, ...grid, shape("polygon", { class: "band", points: band }), ...whiskers,
                  shape("polyline", { class: "line", points: line }), ...dots),
          asTable("Learning curve", ["labels", "right on"], points.map((point) => [String(point.n_labels), interval(point.accuracy)]))];
}

// Classes: rows of { name, n, share: { estimate, low, high } or null }.
export function classBalance(rows, width) {
  const [line, left, bottom] = [44, 4, 22];
  const total = Math.max(1, rows.reduce((sum, row) => sum + row.n, 0));
  const numbers = rows.map(({ n }) => `${n} · ${percent(n / total)}`);
  const right = LETTER * (2 + Math.max(...numbers.map((words) => words.length)));
  const longest = Math.floor((width - left) / LETTER);
  const most = Math.max(0.01, ...rows.map((row) => Math.max(row.n / total, row.share?.high ?? 0)));
  const x = (share) => left + (width - left - right) * (share / most);
  const nMarks = Math.min(5, (width - left - right) / MARK);
  const step = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2].find((each) => most / each <= nMarks) ?? 0.5;
  const grid = Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => i * step).flatMap((mark) => [
    shape("line", { class: "axis", x1: x(mark), x2: x(mark), y1: 0, y2: rows.length * line }),
    shape("text", { x: x(mark), y: rows.length * line + 16, "text-anchor": mark ? "middle" : "start" },
      `${+(100 * mark).toFixed(1)} %`)]);
  const parts = rows.flatMap(({ name, n, share }, i) => {
    const y = i * line + 20;
    const label = name.length > longest ? `${name.slice(0, longest - 1)}…` : name;
    const drawn = [shape("text", { class: "name", x: left, y: y - 5 }, label),
                   shape("rect", { class: "share", x: left, y, width: Math.max(1, x(n / total) - left), height: 14, rx: 3 }),
                   shape("text", { x: width, y: y + 12, "text-anchor": "end" }, numbers[i])];
    if (share) {
      drawn.push(shape("line", { class: "whisker", x1: x(share.low), x2: x(share.high), y1: y + 7, y2: y + 7 }),
                 shape("line", { class: "whisker", x1: x(share.estimate), x2: x(share.estimate), y1: y + 1, y2: y + 13 }));
    }
    return drawn;
  });
  const name = `Labels of ${rows.length} classes; ${rows.map((row) => `${row.name}: ${row.n}`).join(", ")}.`;
  return [picture(width, rows.length * line + bottom, name, ...grid, ...parts),
          asTable("Classes", ["class", "labels", "of the labels", "of the pool"], rows.map((row) =>
            [row.name, String(row.n), percent(row.n / total), row.share ? interval(row.share) : "not known yet"]))];
}

// Points of { x, y, labels?, text? }; the classes give the colours.
export function poolMap(points, classes) {
  const [width, height, margin] = [1000, 460, 12];
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
  const scale = (value, values, size) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return margin + (size - 2 * margin) * (high > low ? (value - low) / (high - low) : 0.5);
  };
  const at = (point) => ({ cx: scale(point.x, xs, width).toFixed(1), cy: (height - scale(point.y, ys, height)).toFixed(1) });
  const colour = (labels) => {
    const place = labels.length === 1 ? classes.indexOf(labels[0]) : -1;
    return place < 0 || place >= COLOURS ? "var(--ink)" : `var(--class-${place + 1})`;
  };
  const labelled = points.filter((point) => point.labels);
  const drawn = [...points.filter((point) => !point.labels).map((point) => shape("circle", { class: "pool", r: 2.5, ...at(point) })),
    ...labelled.map((point) => {
      const circle = shape("circle", { class: "labelled", r: 6, ...at(point) },
        shape("title", {}, `${point.labels.join(", ") || "none of these"}: ${point.text}`));
      circle.style.setProperty("fill", colour(point.labels));
      return circle;
    })];
  const counts = new Map();
  for (const { labels } of labelled) {
    const key = labels.length === 1 ? labels[0] : labels.length ? "several labels" : "none of these";
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const entry = (words, fill) => {
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.setProperty("--colour", fill);
    return element("li", { dir: "auto" }, swatch, words);
  };
  const legend = [...counts].map(([name, n]) => entry(`${name}: ${n}`, colour(classes.includes(name) ? [name] : [])));
  legend.push(entry(`not labelled: ${points.length - labelled.length}`, "var(--edge)"));
  const words = [...counts].map(([name, n]) => `${name}: ${n}`).join(", ");
  return [picture(width, height, `Map of ${points.length} texts, ${labelled.length} of them labelled. ${words}`, ...drawn),
          element("ul", { class: "legend" }, ...legend)];
}
