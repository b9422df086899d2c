// console.js: keys, selection, countdowns. Everything also works by clicking; nothing here decides anything.
(() => {
  "use strict";
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const typing = (event) =>
    event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey ||
    event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

  const rows = () => all("tr[data-href]");
  const place = () => rows().findIndex((row) => row.classList.contains("is-at"));

  function move(step) {
    const list = rows();
    if (!list.length) { press(step > 0 ? "j" : "k"); return; }
    const from = place();
    const to = Math.min(list.length - 1, Math.max(0, from < 0 ? 0 : from + step));
    list.forEach((row) => row.classList.remove("is-at"));
    list[to].classList.add("is-at");
    list[to].scrollIntoView({ block: "nearest" });
  }

  function open(newTab) {
    const row = rows()[place()];
    if (!row) return;
    if (newTab) window.open(row.dataset.href, "_blank", "noopener");
    else window.location.assign(row.dataset.href);
  }

  function why() {
    const href = rows()[place()]?.dataset.href;
    if (/^\/orders\/\d+/.test(href)) window.location.assign(href.replace(/^\/orders\/\d+/, "$&/why"));
    else press("w");
  }

  function choose() {
    const box = rows()[place()]?.querySelector("input[type=checkbox]");
    if (box) box.click();
  }

  function press(key) {
    const button = one(`[data-key="${key}"]:not([aria-disabled="true"])`);
    if (!button) return;
    if (button.tagName === "SUMMARY") button.parentElement.open = true;
    else button.click();
    const field = button.closest("details")?.querySelector("input:not([type=hidden]), select");
    if (button.tagName === "SUMMARY" && field) field.focus();
  }

  function clear() {
    all("tbody input[type=checkbox]:checked").forEach((box) => { box.checked = false; });
    all("details[open]").forEach((part) => { part.open = false; });
    selected();
  }

  const keys = {
    "/": () => one("[data-find]")?.focus(),
    "?": () => one("#keys")?.showModal(),
    j: () => move(1), k: () => move(-1), "]": () => press("j"), "[": () => press("k"),
    Enter: (event) => open(event.shiftKey), o: () => open(false),
    x: choose, Escape: clear,
    a: () => press("a"), r: () => press("r"), h: () => press("h"), w: why,
    g: () => press("g"), m: () => press("m"),
    1: () => press("1"), 2: () => press("2"), 3: () => press("3"),
  };

  function undoes(event) {
    const button = one("[data-undo]");
    const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (!button || !isUndo || event.target.closest("input:not([type=checkbox]), textarea, select")) return false;
    event.preventDefault();
    button.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (undoes(event)) return;
    if (typing(event) || one("dialog[open]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });

  function selected() {
    all("tbody tr").forEach((row) => {
      const box = row.querySelector("input[type=checkbox]");
      if (box) row.setAttribute("aria-selected", String(box.checked));
    });
    const form = one("form[data-bulk]");
    if (form) form.dispatchEvent(new Event("selected"));
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      all("tbody input[type=checkbox]").forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches("input[type=checkbox]")) selected();
    if (event.target.matches("[data-go]")) event.target.form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) one("#keys")?.showModal();
    const copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy);
    if (event.target.closest("[data-clear]")) clear();
  });

  function tick() {
    all("time.due.is-late[datetime]").forEach((mark) => {
      const left = Math.floor((new Date(mark.dateTime) - Date.now()) / 1000);
      if (left >= 0 && left < 3600) mark.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    });
  }
  setInterval(tick, 1000);
})();
