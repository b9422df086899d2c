// packing.js: a scanner does not wait for pages. Scans queue up and are counted one by one; the field stays ready.
// Without it each scan loads the page anew and does the same.
(() => {
  "use strict";
  const form = document.querySelector("form[data-scan]");
  if (!form) return;
  const field = form.querySelector("input[name=code]");
  const queue = [];
  let busy = false;

  async function send(code) {
    const body = new FormData(form);
    body.set("code", code);
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    const own = new URL(form.action).pathname.replace(/\/scan$/, "");
    const path = new URL(answer.url).pathname;
    if (path !== own && path !== `${own}/scan`) { window.location.assign(answer.url); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    ["packnote", "packgoods", "packdone"].forEach((id) => {
      const fresh = page.getElementById(id);
      if (fresh) document.getElementById(id)?.replaceWith(fresh);
    });
  }

  async function work() {
    if (busy) return;
    busy = true;
    try {
      while (queue.length) await send(queue.shift());
    } catch {
      window.location.reload();
      return;
    } finally {
      busy = false;
    }
    const done = document.querySelector("#packdone[data-done]");
    if (done && !field.value) document.getElementById("waybill")?.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    if (code) { queue.push(code); work(); }
  });
})();
