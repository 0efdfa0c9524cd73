"use strict";
// The living preview, and the time zone of this browser. Without this file everything works too.
(() => {
  const form = document.getElementById("wishes");
  const box = document.getElementById("preview");
  const tally = document.getElementById("tally");
  const PAUSE = 300; // milliseconds after typing stops
  let waiting = 0;
  let asking = null;

  function presetZone() {
    const select = document.getElementById("timezone");
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!select.hasAttribute("data-unset") || !zone) return;
    if (![...select.options].some((option) => option.value === zone)) select.add(new Option(zone, zone));
    select.value = zone;
  }

  function show(html) {
    const open = [...box.querySelectorAll("details")].map((details) => details.open);
    box.innerHTML = html; // our own page, escaped by the server
    box.querySelectorAll("details").forEach((details, place) => { details.open = open[place] || false; });
    const said = box.querySelector(".tally").textContent;
    if (tally.textContent !== said) tally.textContent = said;
  }

  async function look() {
    if (asking) asking.abort();
    asking = new AbortController();
    const mine = asking;
    box.setAttribute("aria-busy", "true");
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.dataset.preview, { method: "POST", body, signal: mine.signal });
      if (answer.ok) show(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") console.warn("no preview:", error.message);
    } finally {
      if (mine === asking) box.removeAttribute("aria-busy");
    }
  }

  function lookSoon() {
    clearTimeout(waiting);
    waiting = setTimeout(look, PAUSE);
  }

  presetZone();
  document.documentElement.classList.add("live");
  document.querySelector(".mistakes")?.focus();
  form.addEventListener("input", lookSoon);
})();
