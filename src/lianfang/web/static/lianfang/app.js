// The page frame: htmx 4 (security token, progress, errors, confirmation), menus, appearance, small form habits.
const find = (selector, root = document) => root.querySelector(selector);

// --- htmx ---------------------------------------------------------------------------------------
let running = 0;
const progress = (change) => {
  running = Math.max(0, running + change);
  find("#lf-progress").hidden = running === 0;
};
const trouble = (kind) => {
  const box = find("#lf-trouble");
  box.hidden = !kind;
  box.dataset.show = kind || "";
  if (kind) box.scrollIntoView({ block: "nearest" });
};

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET") {
    ctx.request.headers["X-CSRFToken"] = find('meta[name="csrf-token"]').content;
  }
});
document.addEventListener("htmx:before:request", () => { trouble(""); progress(1); });
document.addEventListener("htmx:finally:request", () => progress(-1));
document.addEventListener("htmx:before:response", (event) => {
  // An ended session answers with the log-in page: go there and come back, instead of swapping it in.
  const { raw } = event.detail.ctx.response;
  const login = document.body.dataset.login;
  if (login && raw.redirected && new URL(raw.url).pathname === login) {
    event.preventDefault();
    location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const { status } = ctx.response;
  if (status >= 500) trouble("server");
  else if (status === 403 || status === 404) trouble("refused");
});
document.addEventListener("htmx:error", ({ detail }) => trouble(detail.ctx?.response ? "server" : "network"));

// --- one dialog asks before anything that is hard to take back --------------------------------------
const ask = (words, verb) => new Promise((resolve) => {
  const dialog = find("#lf-confirm");
  find("#lf-confirm-words").textContent = words;
  const yes = find('[value="yes"]', dialog);
  yes.textContent = verb || yes.dataset.verb;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  dialog.showModal();
});
document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  const { ctx, issueRequest, dropRequest } = event.detail;
  ask(ctx.confirm, ctx.sourceElement.dataset.confirmVerb).then((yes) => (yes ? issueRequest() : dropRequest()));
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  const source = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!source.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(source.dataset.confirm, source.dataset.confirmVerb).then((yes) => {
    if (!yes) return;
    form.dataset.confirmed = "1";
    form.requestSubmit(event.submitter);
    delete form.dataset.confirmed;
  });
}, true);

// --- errors are told by the server, in the reader's language; the browser would say them in its own -----
const quiet = () => document.querySelectorAll("form").forEach((form) => { form.noValidate = true; });
document.addEventListener("htmx:after:settle", quiet);
quiet();

// --- ordinary forms: once, with progress -------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[data-htmx-powered], [data-download]")) return;
  if (form.dataset.busy) { event.preventDefault(); return; }
  form.dataset.busy = "1";
  find("#lf-progress").hidden = false;
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-busy]").forEach((form) => delete form.dataset.busy);
  progress(0);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-autosubmit]")) target.form.requestSubmit();
  if (target.matches("[data-check-all]")) {
    document.querySelectorAll(target.dataset.checkAll).forEach((box) => { box.checked = target.checked; });
  }
});

// --- menus, appearance, print ------------------------------------------------------------------------
const showTheme = () => document.querySelectorAll("[data-theme-choice]:not(html)").forEach((button) => {
  button.setAttribute("aria-pressed", String(button.dataset.themeChoice === document.documentElement.dataset.themeChoice));
});
document.addEventListener("lf:theme", showTheme);
showTheme();
document.addEventListener("click", ({ target }) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
  const theme = target.closest("button[data-theme-choice]");
  if (theme) window.lianfangTheme(theme.dataset.themeChoice);
  if (target.closest("[data-print]")) window.print();
  const opener = target.closest("[data-open-dialog]");
  if (opener) find(opener.dataset.openDialog).showModal();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    menu.open = false;
    find("summary", menu).focus();
  });
});
