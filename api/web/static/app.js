// Makes the pages quicker; everything works without it.
"use strict";
const $ = (query, root = document) => root.querySelector(query);
const $$ = (query, root = document) => [...root.querySelectorAll(query)];
document.documentElement.classList.add("has-js");

// --- on a narrow screen each row of a table is told under the names of its columns
for (const table of $$(".scroll > table:has(> thead)")) {
  const heads = $$("thead th", table).map((each) => (each.querySelector(".sr") ? "" : each.textContent.trim()));
  if (heads.length < 3) continue;
  table.classList.add("told");
  for (const row of $$("tbody tr", table)) {
    [...row.cells].forEach((cell, place) => {
      if (heads[place]) cell.dataset.h = heads[place];
      cell.classList.toggle("void", !cell.textContent.trim() && !$("input, img, svg", cell));
    });
  }
}

// --- one action after the other, without loading the list again
const cache = new Map();
const part = (url) => {
  if (!cache.has(url)) {
    const got = fetch(url, { headers: { "x-part": "detail", accept: "text/html" } })
      .then((answer) => (answer.ok && !answer.redirected ? answer.text() : Promise.reject(answer.status)));
    got.catch(() => cache.delete(url));
    cache.set(url, got);
    setTimeout(() => cache.delete(url), 15000);
  }
  return cache.get(url);
};
const wide = () => matchMedia("(min-width: 62rem)").matches;
const links = () => $$(".items a[data-item]");
const current = () => links().findIndex((link) => link.hasAttribute("aria-current"));
const show = async (link, push = true) => {
  const detail = $("#detail");
  if (!detail || !wide()) return void link.click();
  links().forEach((each) => each.toggleAttribute("aria-current", each === link));
  link.setAttribute("aria-current", "true");
  link.scrollIntoView({ block: "nearest" });
  let html;
  try { html = await part(link.href); } catch { location.assign(link.href); return; }
  if (!link.hasAttribute("aria-current")) return;
  detail.innerHTML = html;
  detail.dataset.id = link.dataset.item;
  detail.dataset.digest = $("input[name=digest]", detail)?.value ?? "";
  detail.scrollTop = 0;
  document.title = `${$("#what", detail)?.textContent ?? ""} · opslayer`;
  if (push) history.pushState({ item: link.dataset.item }, "", link.href);
  watch();
  const all = links(), next = all[all.indexOf(link) + 1];
  if (next) part(next.href).catch(() => {});
};
document.addEventListener("click", (event) => {
  const link = event.target.closest(".items a[data-item]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !wide() || !$("#detail")) return;
  event.preventDefault();
  show(link);
});
addEventListener("popstate", () => {
  const id = location.pathname.split("/").pop();
  const link = links().find((each) => each.dataset.item === id);
  if (link && $("#detail")) show(link, false); else location.reload();
});

// --- keyboard
const step = (by) => {
  const all = links(), at = current();
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  if (next && all[at] !== next) show(next);
  else if (by > 0 && at === all.length - 1) $("a[rel=next]")?.click();
};
const open = (name) => {
  const details = $(`details[data-key="${name}"]`);
  if (!details) return;
  details.open = true;
  const field = $("textarea, input:not([type=hidden]), select", details);
  field?.focus();
  details.scrollIntoView({ block: "nearest" });
};
const pick = () => {
  const box = $("input[name=chosen]", links()[current()]?.parentElement ?? document);
  if (box) box.checked = !box.checked;
};
let going = false;
const keys = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  a: () => { const button = $(".decide button[data-key=a]"); button?.focus(); button?.scrollIntoView({ block: "nearest" }); },
  e: () => open("e"), r: () => open("r"), s: () => open("s"), d: () => open("d"), x: pick,
  u: () => $("button[data-key=u]")?.click(),
  "/": () => $("#find")?.focus(),
  g: () => { going = true; setTimeout(() => { going = false; }, 1500); },
  "?": () => { const help = $("#keys"); if (help?.open) help.close(); else help?.showModal(); },
  Escape: () => $$("details[open]").forEach((each) => { if (each.matches(".decide details, .who")) each.open = false; }),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key.startsWith("Arrow") && (!$("#detail") || event.target.closest("#detail"))) return;
  if ($("#keys")?.open && event.key !== "?") return;
  if (going) {
    going = false;
    const place = $(`[data-go="${event.key}"]`);
    if (place) { event.preventDefault(); place.click(); }
    return;
  }
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});

// --- what changes while somebody reads
let stream;
const moved = (told) => {
  document.body.dataset.live = told.head;
  cache.clear();
  for (const [name, count] of Object.entries(told.counts)) {
    const tab = $(`[data-tab="${name}"]`);
    if (!tab) continue;
    const badge = $("b", tab) ?? tab.appendChild(document.createElement("b"));
    badge.textContent = count;
    badge.hidden = !count;
  }
  const detail = $("#detail");
  if (!detail || !told.watched || !detail.dataset.digest) return;
  if (told.watched.digest !== detail.dataset.digest || told.watched.state !== "pending") {
    const note = $(".moved", detail);
    if (!note || !note.hidden) return;
    $("span", note).textContent = note.dataset.moved;
    note.hidden = false;
    $$(".decide button", detail).forEach((button) => { button.disabled = true; });
    note.scrollIntoView({ block: "nearest" });
  }
};
const watch = () => {
  if (!document.body.dataset.live || !window.EventSource) return;
  stream?.close();
  const id = $("#detail")?.dataset.id ?? "";
  stream = new EventSource(`/live?head=${document.body.dataset.live}&watch=${encodeURIComponent(id)}`);
  stream.addEventListener("moved", (event) => moved(JSON.parse(event.data)));
};
addEventListener("pagehide", () => stream?.close());
addEventListener("pageshow", watch);

// --- the words are checked while they are written
let waiting;
document.addEventListener("input", (event) => {
  const field = event.target.closest("[data-guard]");
  if (!field) return;
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const form = field.form, place = $(".guard", form);
    const answer = await fetch(field.dataset.guard, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok || !place) return;
    const told = await answer.json();
    place.className = `guard small ${told.ok ? "good" : "bad"}`;
    place.textContent = told.said.join(" ");
    $("button.primary", form).disabled = !told.ok;
  }, 300);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) $$("input[name=chosen]").forEach((box) => { box.checked = event.target.checked; });
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && event.target.method === "post") setTimeout(() => { button.disabled = true; }, 0); // no second click
});
$(".items [aria-current=true]")?.scrollIntoView({ block: "nearest" });
const first = links()[Math.max(current(), 0) + 1];
if (first && wide()) setTimeout(() => part(first.href).catch(() => {}), 200);
$(".bar nav a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
$(".tabs a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

// --- long work is looked at until it has ended
const poll = async () => {
  const place = $("[data-poll]");
  if (!place) return;
  try {
    const answer = await fetch(place.dataset.poll, { headers: { accept: "text/html" } });
    const now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("work");
    if (!now) return void location.reload(); // what was waited for is there
    if (now.outerHTML !== place.outerHTML) place.replaceWith(now);
  } catch { /* the server may be starting again */ }
  setTimeout(poll, 1500);
};
setTimeout(poll, 1000);

// --- sources that answer late are put in as they do
const late = $("[data-late]");
if (late && window.EventSource) {
  const told = new EventSource(late.dataset.late);
  told.addEventListener("part", (event) => {
    const { source, html } = JSON.parse(event.data);
    const place = $(`[data-source="${CSS.escape(source)}"]`, late);
    if (place) place.innerHTML = html;
  });
  told.addEventListener("end", () => { told.close(); late.removeAttribute("aria-busy"); });
  addEventListener("pagehide", () => told.close());
}
