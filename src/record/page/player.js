"use strict";
const make = (name, parent, text) => {
  const made = parent.appendChild(document.createElement(name));
  if (text !== undefined) made.textContent = text;
  return made;
};
make("h1", document.body, film.title);
const screen = make("pre", document.body);
screen.style.width = film.columns + "ch";
const lines = Array.from({ length: film.lines }, () => make("div", screen));
const bar = make("nav", document.body);
const button = make("button", bar);
const slider = make("input", bar);
Object.assign(slider, { type: "range", min: 0, max: film.end, step: 10, value: 0 });
slider.setAttribute("aria-label", "time");
const clock = make("span", bar);
const speed = make("select", bar);
speed.setAttribute("aria-label", "speed");
for (const factor of [0.5, 1, 1.5, 2, 4]) make("option", speed, factor + "\u00d7").value = factor;
speed.value = 1;
const chapters = make("ol", document.body);
for (const [at, name] of film.chapters) make("button", make("li", chapters), name).onclick = () => go(at);

let now = 0, plays = false, before = 0;
const shown = new Array(film.lines).fill(-1);

// The row of each line at a time: that of the last picture before it in which the line was new.
const rowsAt = (time) => {
  const rows = new Array(film.lines).fill(-1);
  for (const [at, changes] of film.pictures) {
    if (at > time) break;
    for (let i = 0; i < changes.length; i += 2) rows[changes[i]] = changes[i + 1];
  }
  return rows;
};
const draw = () => {
  rowsAt(now).forEach((row, y) => {
    if (row === shown[y] || row < 0) return;
    shown[y] = row;
    const pieces = film.rows[row].map(([style, cells, text]) => {
      const piece = document.createElement("span");
      piece.className = "c" + style;
      piece.style.width = cells + "ch";
      piece.textContent = text;
      return piece;
    });
    lines[y].replaceChildren(...pieces, "\n");
  });
  slider.value = now;
  const told = (time) => Math.floor(time / 60000) + ":" + String(Math.floor(time / 1000) % 60).padStart(2, "0");
  clock.textContent = told(now) + " / " + told(film.end);
  button.textContent = plays ? "pause" : "play";
  Array.from(chapters.children).forEach((item, i) => {
    const next = film.chapters[i + 1];
    item.classList.toggle("here", now >= film.chapters[i][0] && (!next || now < next[0]));
  });
};
const go = (time) => { now = Math.min(Math.max(time, 0), film.end); draw(); };
const tick = (time) => {
  if (!plays) return;
  now += (time - before) * speed.value;
  before = time;
  if (now >= film.end) { now = film.end; plays = false; }
  draw();
  requestAnimationFrame(tick);
};
const play = (on) => {
  if (on && now >= film.end) now = 0;
  plays = on;
  before = performance.now();
  draw();
  if (on) requestAnimationFrame(tick);
};
button.onclick = () => play(!plays);
slider.oninput = () => go(Number(slider.value));
document.onkeydown = (event) => {
  // The slider, the menu and, for the space bar, a button have these keys to themselves.
  const own = event.key === " " ? "input,select,button" : "input,select";
  if (event.target.matches(own) || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = { " ": () => play(!plays), ArrowLeft: () => go(now - 5000), ArrowRight: () => go(now + 5000), Home: () => go(0) };
  if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
};
play(true);
