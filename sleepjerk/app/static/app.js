// The only script, and none is needed: what it renews in place, a page without script loads again by itself.
"use strict";

// Parts with data-live="SECONDS" are taken anew from the same address; a page that became another one is gone to.
async function renew() {
  const parts = [...document.querySelectorAll("[data-live]")];
  const seconds = Math.min(...parts.map((part) => Number(part.dataset.live)).filter((each) => each > 0));
  if (!Number.isFinite(seconds)) return;
  setTimeout(renew, 1000 * seconds, await renewed(parts));
}

async function renewed(parts) {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href);
    if (answer.redirected || !answer.ok) return location.assign(answer.url);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts) {
      const other = fresh.getElementById(part.id);
      if (!other) return location.reload();
      if (part.innerHTML !== other.innerHTML) part.innerHTML = other.innerHTML;
      part.dataset.live = other.dataset.live;
      part.className = other.className;
    }
    document.body.classList.remove("lost-page");
  } catch {
    document.body.classList.add("lost-page"); // the server is gone; the page says so
  }
}

renew();

// A button with data-key="KEY" is also that key, where nothing is typed into.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.target.matches("input:not([type=radio]), select, textarea")) return;
  document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`)?.click();
});
