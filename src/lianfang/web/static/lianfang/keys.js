// Keyboard: / search · j k rows · Enter opens · x marks · ? help. Silent while somebody types or a dialog is open.
const ROWS = "[data-row], .lf-table > tbody > tr";
const rows = () => [...document.querySelectorAll(ROWS)].filter((row) => row.offsetParent !== null);
const current = () => document.querySelector(".lf-row-now");

const move = (step) => {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
  current()?.classList.remove("lf-row-now");
  next.classList.add("lf-row-now");
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
};
const actions = {
  "/": () => {
    const field = document.querySelector('[data-search], input[type="search"], .lf-filters input:not([type="hidden"])');
    field?.focus();
    field?.select?.();
    return Boolean(field);
  },
  j: () => move(1),
  k: () => move(-1),
  x: () => current()?.querySelector('[data-mark], input[type="checkbox"]')?.click(),
  "?": () => document.querySelector("#lf-help")?.showModal(),
  Enter: () => {
    if (document.activeElement !== current()) return false;
    const row = current();
    (row?.querySelector(":scope > details > summary") ?? row?.querySelector("a[href]"))?.click();
  },
};
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]") || !Object.hasOwn(actions, event.key)) return;
  if (actions[event.key]() !== false) event.preventDefault();
});
