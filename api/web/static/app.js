// Keyboard for the inbox; everything works without it.
"use strict";
const links = () => [...document.querySelectorAll(".items a")];
const step = (by) => {
  const all = links();
  const at = all.findIndex((link) => link.hasAttribute("aria-current"));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  if (next && !(at >= 0 && next === all[at])) next.click();
};
const open = (name) => {
  const details = document.querySelector(`details[data-key="${name}"]`);
  if (!details) return;
  details.open = true;
  details.querySelector("input:not([type=hidden]), textarea, select")?.focus();
};
const keys = {
  j: () => step(1),
  k: () => step(-1),
  a: () => document.querySelector("[data-key=a]")?.focus(),
  e: () => open("e"),
  r: () => open("r"),
  "?": () => document.querySelector("#keys")?.toggleAttribute("open"),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const act = keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
