/* What the keyboard and the clock do on the officer's pages. Every page works without it.
   Nothing here writes HTML that did not come from our own server, and nothing is kept in the browser. */
"use strict";
(() => {
  const PULSE_MS = 3000, TYPING_MS = 120, PAUSE_MS = 800, SLOW_MS = 400, SAME_MS = 20000, LOCK_MS = 5000;
  const $ = (selector) => document.querySelector(selector);
  const isTyping = (node) => node.matches("input, textarea, select, [contenteditable]");

  // --- keys
  let isGoing = false;
  const rows = () => [...document.querySelectorAll(".queue .tip > a")];

  function move(step) {
    const all = rows();
    const next = all.indexOf(document.activeElement) + step;
    const row = all[Math.max(0, Math.min(all.length - 1, next))];
    if (row) row.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape" && isTyping(event.target)) { event.target.blur(); return; }
    if (isTyping(event.target)) return;
    // The same keys on a Thai keyboard: by where they are, not by what they write.
    const key = /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key;
    if (isGoing) {
      isGoing = false;
      const link = document.querySelector(`.sections a[data-key="${CSS.escape(key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (key === "g") isGoing = true;
    else if (key === "j") move(+1);
    else if (key === "k") move(-1);
    else if (key === "?" || (event.code === "Slash" && event.shiftKey)) help();
    else if ((key === "/" || event.code === "Slash") && $("#words")) $("#words").focus();
    else return;
    event.preventDefault();
  });

  function help() {
    const keys = $("#keys");
    keys.open = !keys.open;
    if (keys.open) { keys.scrollIntoView({ block: "end" }); keys.querySelector("summary").focus(); }
  }

  // --- a picture that cannot be drawn
  document.addEventListener("error", (event) => {
    const said = event.target.matches?.(".evidence img") && event.target.closest("details").querySelector("p[hidden]");
    if (said) { event.target.hidden = true; said.hidden = false; }
  }, true);

  // --- what is typed on a tip's page: kept in the program as one pauses, and before one goes elsewhere
  const composer = $("#composer");
  let pause, isKept = true, keeping;

  async function keep(options) {
    clearTimeout(pause);
    isKept = true;
    keeping = new AbortController();
    const body = new URLSearchParams(new FormData(composer));
    const asked = { method: "POST", body, redirect: "manual", signal: keeping.signal, ...options };
    await fetch(composer.dataset.keep, asked).catch(() => {});
  }

  if (composer) {
    document.addEventListener("input", (event) => {
      if (event.target.form !== composer) return;
      isKept = false;
      clearTimeout(pause);
      pause = setTimeout(keep, PAUSE_MS);
    });
    document.addEventListener("submit", async (event) => {
      if (isKept || event.target === composer) { isKept = true; clearTimeout(pause); keeping?.abort(); return; }
      event.preventDefault();
      await keep();
      event.target.requestSubmit(event.submitter);
    }, true);
    document.addEventListener("click", async (event) => {
      const link = event.target.closest?.("a[href]:not([download])");
      if (isKept || !link || link.hash && link.pathname === location.pathname) return;
      if (event.button || event.ctrlKey || event.shiftKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      await keep();
      location.assign(link.href);
    });
    window.addEventListener("pagehide", () => { if (!isKept) keep({ keepalive: true }); });
  }

  // --- what is on its way
  const working = $("#working");
  let slow;

  function rest() {
    clearTimeout(slow);
    working.textContent = "";
    for (const form of document.forms) delete form.dataset.sentAt;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || "stays" in form.dataset) return;
    if (Date.now() - (form.dataset.sentAt ?? 0) < SAME_MS) { event.preventDefault(); return; }
    form.dataset.sentAt = Date.now();
    clearTimeout(slow);
    slow = setTimeout(() => { working.textContent = working.dataset.says; }, SLOW_MS);
  });
  window.addEventListener("pageshow", rest);

  // --- once it has locked nothing stays on the screen; what was typed waits out of sight for the keys
  const isText = (field) => /^(textarea|text|date)$/.test(field.type);

  function leave() {
    const fields = $("#covered button")?.form.elements ?? [];
    if (![...fields].some((field) => isText(field) && field.value.trim())) { location.replace($("input[name=back]").value); return; }
    document.body.classList.add("covered");
    $("#covered").hidden = false;
    $("#covered button").focus();
  }

  async function watch() {
    while (!document.body.classList.contains("covered")) {
      await new Promise((done) => setTimeout(done, LOCK_MS));
      const now = await fetch("/queue/pulse").then((answer) => answer.json()).catch(() => ({}));
      if (now.is_locked) leave();
    }
  }

  // --- the list
  if (!$("#rows")) { watch(); return; }
  let asked = 0;

  /* Put the rows of *html* where the rows are; who stood on a row still stands on that tip. */
  function put(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#rows");
    if (!fresh) return;
    const standing = document.activeElement.closest?.("[data-tip]")?.dataset.tip;
    $("#rows").replaceWith(document.adoptNode(fresh));
    if (standing) document.querySelector(`[data-tip="${CSS.escape(standing)}"] > a`)?.focus();
  }

  async function fetchRows(path, options) {
    const mine = ++asked;
    const answer = await fetch(path, options);
    const html = await answer.text();
    if (answer.ok && mine === asked) put(html); // an answer that was overtaken is dropped
  }

  // --- as one types
  const form = $("#search"), words = $("#words");
  let waiting;

  function search() {
    clearTimeout(waiting);
    const body = new URLSearchParams(new FormData(form));
    body.set("only", "rows");
    const query = new URLSearchParams(location.search);
    query.delete("page"); // what is found begins at its first page
    body.set("query", query.toString());
    history.replaceState(null, "", String(query) ? `/?${query}` : "/");
    fetchRows("/queue/search", { method: "POST", body }).catch(() => {});
  }

  words.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, TYPING_MS); });
  form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
  document.querySelector(".filters").addEventListener("change", (event) => event.currentTarget.requestSubmit());

  // --- what is new
  let arrived = Number($("#rows").dataset.arrived);

  async function pulse() {
    const answer = await fetch("/queue/pulse");
    const now = await answer.json();
    if (now.is_locked) { location.replace("/"); return; }
    if ($("#progress").textContent !== now.progress) $("#progress").textContent = now.progress;
    if (String(now.change) !== $("#rows").dataset.change)
      await fetchRows("/queue/rows" + location.search);
    if (now.arrived > arrived) {
      const news = $("#news");
      news.textContent = news.dataset.says.replace("{n}", now.arrived - arrived);
      news.className = "notice good";
      arrived = now.arrived;
    }
  }

  (async () => {
    for (;;) {
      await new Promise((done) => setTimeout(done, PULSE_MS));
      if (!document.hidden) await pulse().catch(() => {});
    }
  })();
})();
