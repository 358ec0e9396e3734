// Runs before the page is painted, so that a dark room never sees a white flash.
// The choice is the only thing kept in localStorage; it says nothing about anybody.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try { return localStorage.getItem("lf-theme") || "auto"; } catch { return "auto"; }
  };
  const apply = () => {
    const choice = stored();
    root.dataset.themeChoice = choice;
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    document.dispatchEvent(new CustomEvent("lf:theme"));
  };
  window.lianfangTheme = (choice) => {
    try { localStorage.setItem("lf-theme", choice); } catch { /* private window: this page only */ }
    apply();
  };
  dark.addEventListener("change", apply);
  apply();
})();
