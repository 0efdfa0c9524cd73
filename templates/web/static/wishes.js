"use strict";
// The living preview, and the time zone of this browser. Without this file everything works too.
(() => {
  const form = document.getElementById("wishes");
  const box = document.getElementById("preview");
  const tally = document.getElementById("tally");
  const PAUSE = 300; // milliseconds after typing stops
  const AGAIN = 2000; // milliseconds until the preview may be ready
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
    lookAgain();
  }

  function lookAgain() {
    if (box.querySelector("[data-soon]")) lookSoon(AGAIN);
  }

  async function look() {
    if (asking) asking.abort();
    asking = new AbortController();
    const mine = asking;
    box.setAttribute("aria-busy", "true");
    try {
      const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string");
      const body = new URLSearchParams(typed);
      const answer = await fetch(form.dataset.preview, { method: "POST", body, signal: mine.signal });
      if (answer.ok) show(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") console.warn("no preview:", error.message);
    } finally {
      if (mine === asking) box.removeAttribute("aria-busy");
    }
  }

  function lookSoon(pause) {
    clearTimeout(waiting);
    waiting = setTimeout(look, pause);
  }

  function sendFile(event) { // the page comes back with what was read of it
    if (event.target.type !== "file" || !event.target.value) return;
    const field = event.target.closest(".field");
    form.setAttribute("action", `${form.getAttribute("action")}#${field.id}`);
    form.requestSubmit(form.querySelector(".look"));
  }

  presetZone();
  document.documentElement.classList.add("live");
  document.querySelector(".mistakes")?.focus();
  form.addEventListener("input", () => lookSoon(PAUSE));
  form.addEventListener("change", sendFile);
  lookAgain();
})();
