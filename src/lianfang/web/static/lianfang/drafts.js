// Keeps what is typed into <form data-draft="name"> for this tab only (sessionStorage): over a reload, an ended
// session and a lost network. A draft goes when it was received, at log-out, and when another user appears.
const PREFIX = "lf-draft:";
const user = document.body.dataset.user || "";
const atLogin = document.body.dataset.login === location.pathname;
const arrival = performance.getEntriesByType("navigation")[0]?.type;
// The address it goes to is part of the name: the same form for another person is another draft.
const keyOf = (form) => `${PREFIX}${location.pathname}:${form.getAttribute("action") || ""}:${form.dataset.draft}`;
const kept = (field) => field.name && !field.disabled && !["hidden", "password", "file", "submit", "button"].includes(field.type);
const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
const read = (key) => JSON.parse(sessionStorage.getItem(key));
const write = (key, draft) => sessionStorage.setItem(key, JSON.stringify(draft));

const valueOf = (field) => {
  if (field.type === "checkbox" || field.type === "radio") return field.checked;
  return field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value;
};
const put = (field, value) => {
  if (typeof value === "boolean") field.checked = value;
  else if (Array.isArray(value)) [...field.options].forEach((option) => { option.selected = value.includes(option.value); });
  else field.value = value;
};
// Boxes and radios share a name, so the value is part of their identity.
const nameOf = (field) => (typeof valueOf(field) === "boolean" ? `${field.name}=${field.value}` : field.name);

const save = (form) => write(keyOf(form), {
  user, fields: Object.fromEntries([...form.elements].filter(kept).map((field) => [nameOf(field), valueOf(field)])),
});
const restore = (form) => {
  const draft = sessionStorage.getItem(keyOf(form)) && read(keyOf(form));
  if (!draft || form.querySelector(".is-invalid")) return;
  let changed = false;
  [...form.elements].filter(kept).forEach((field) => {
    const value = draft.fields[nameOf(field)];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(valueOf(field))) return;
    put(field, value);
    changed = true;
  });
  if (changed) document.querySelector("#lf-restored").hidden = false;
};

keys().forEach((key) => {
  const draft = read(key);
  const received = draft.sent && !atLogin && arrival === "navigate";
  if (received || (user && draft.user !== user)) sessionStorage.removeItem(key);
  else if (draft.sent) write(key, { ...draft, sent: false });
});
const restoreIn = (root) => root.querySelectorAll("form[data-draft]").forEach(restore);
restoreIn(document);
document.addEventListener("htmx:after:settle", ({ target }) => { if (target.querySelectorAll) restoreIn(target); });
document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-draft]");
  if (form) save(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.matches("[data-logout]")) keys().forEach((key) => sessionStorage.removeItem(key));
  if (form.matches("[data-draft]:not([data-htmx-powered])")) {
    save(form);
    write(keyOf(form), { ...read(keyOf(form)), sent: true });
  }
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement.closest("form[data-draft]");
  if (form && ctx.request.method !== "GET" && ctx.response.status < 400) sessionStorage.removeItem(keyOf(form));
});
