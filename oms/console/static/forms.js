// forms.js: a refused form keeps what was typed and shows the field that is wrong; a second click sends nothing.
// What was typed stays in this tab, never leaves it, and is forgotten by the next page. The server checks everything.
(() => {
  "use strict";
  const STORE = "typed";
  const SENDING = 5000;
  const FRESH = ["csrf_token", "key", "next", "seen"];
  const TYPED = "input:not([type=hidden], [type=password], [type=file], [type=submit], [type=button]), select, textarea";
  const forms = () => [...document.querySelectorAll("form")].filter((form) => form.getAttribute("method")?.toLowerCase() === "post");
  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.matches(TYPED));
  const isTicked = (field) => field.type === "checkbox" || field.type === "radio";

  // Forms of a page are told apart by where they go and by what they send unseen, but for what each page makes anew.
  function nameOf(form) {
    const unseen = [...form.elements].filter((field) => field.type === "hidden" && !FRESH.includes(field.name));
    return JSON.stringify([form.getAttribute("action") || window.location.pathname, ...unseen.map((field) => [field.name, field.value])]);
  }

  // What the person saw when they typed: somebody else's change since then must still be noticed. And the form's key:
  // what was done although no answer came is not done again.
  const hidden = (form, name) => [...form.elements].find((field) => field.type === "hidden" && field.name === name);

  function write(form) {
    const fields = fieldsOf(form).map((field) => [field.name, field.value, field.checked === true]);
    try { sessionStorage.setItem(STORE, JSON.stringify({ form: nameOf(form), fields, seen: hidden(form, "seen")?.value, key: hidden(form, "key")?.value })); } catch { /* full or forbidden: nothing is kept */ }
  }

  function take() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(STORE));
      sessionStorage.removeItem(STORE);
      return kept;
    } catch { return null; }
  }

  function fill(form, kept) {
    const left = [...kept.fields];
    const again = kept.isUnanswered ? ["seen", "key"] : ["seen"];
    again.forEach((name) => { if (hidden(form, name) && kept[name] !== undefined) hidden(form, name).value = kept[name]; });
    fieldsOf(form).forEach((field) => {
      const at = left.findIndex(([name, value]) => name === field.name && (!isTicked(field) || value === field.value));
      if (at < 0) return;
      const [[, value, ticked]] = left.splice(at, 1);
      if (isTicked(field)) field.checked = ticked;
      else if (field.tagName !== "SELECT" || [...field.options].some((option) => option.value === value)) field.value = value;
    });
  }

  function wordsOf(field) {
    const label = field.labels?.[0]?.cloneNode(true);
    label?.querySelectorAll("input, select, textarea, .t3").forEach((part) => part.remove());
    return (label?.textContent || field.getAttribute("aria-label") || "").trim();
  }

  // The note says which field it means, and leads there.
  function point(note, field) {
    if (field.hasAttribute("aria-describedby")) return;
    note.id ||= "refused";
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", note.id);
    for (let part = field.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    const words = document.createElement("b");
    words.textContent = wordsOf(field);
    if (words.textContent) note.querySelector("span")?.prepend(words, " · ");
    field.focus();
  }

  // What others changed meanwhile is looked at before it is written over.
  function refused(note, kept) {
    const form = kept && forms().find((one) => nameOf(one) === kept.form);
    const wanted = note.dataset.refused;
    if (!form) return;
    if (!["stale", "wrong-state"].includes(note.dataset.kind) && !form.querySelector("input.scan")) fill(form, kept);
    const field = fieldsOf(form).find((one) => one.name === wanted) || fieldsOf(form).find((one) => wanted.split(".").includes(one.name));
    if (field) point(note, field);
  }

  function open() {
    // A scanner may be quicker than the browser, which puts the focus where the page wants it only once it draws.
    if (!window.location.hash) document.querySelector("[autofocus]")?.focus();
    const kept = take();
    const note = document.querySelector("[data-refused]");
    if (note) return refused(note, kept);
    if (!kept) return undefined;
    // A page without the form, as for one that came too late: it is filled in on the page after.
    if (document.querySelector("[data-unanswered]")) {
      sessionStorage.setItem(STORE, JSON.stringify({ ...kept, isUnanswered: true }));
    } else if (kept.isUnanswered) {
      const form = forms().find((one) => nameOf(one) === kept.form);
      if (form) fill(form, kept);
    }
    return undefined;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !forms().includes(form)) return;
    if (Date.now() - Number(form.dataset.sentAt || 0) < SENDING) { event.preventDefault(); return; }
    form.dataset.sentAt = String(Date.now());
    write(form);
  });
  window.addEventListener("pageshow", () => forms().forEach((form) => { delete form.dataset.sentAt; }));
  open();
})();
