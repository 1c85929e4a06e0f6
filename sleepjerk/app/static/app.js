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

// data-key="KEY" is what one key does, but for where somebody types.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select, textarea")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
});

// The handles on the picture of a night are two ranges, which say the clock and can be pulled on the picture.
for (const line of document.querySelectorAll(".timeline")) {
  const [clocks, picture] = [line.dataset.clocks.split("|"), line.querySelector("svg")];
  const [ranges, handles] = [[...line.querySelectorAll("input")], line.querySelectorAll(".handle")];
  const { width } = picture.viewBox.baseVal;
  const show = (range) => {
    const clock = clocks[range.value];
    document.getElementById(`${range.id}-at`).textContent = clock;
    range.setAttribute("aria-valuetext", clock);
    const x = (range.value / range.max) * width;
    handles[ranges.indexOf(range)].setAttribute("d", `M${x} 0V${picture.viewBox.baseVal.height - 36}`);
  };
  ranges.forEach((range) => range.addEventListener("input", () => show(range)));
  let pulled = null;
  const pull = (event) => {
    const place = picture.getBoundingClientRect();
    const value = Math.round(((event.clientX - place.left) / place.width) * ranges[0].max);
    const far = (range) => Math.abs(range.value - value);
    pulled ??= far(ranges[0]) <= far(ranges[1]) ? ranges[0] : ranges[1];
    pulled.value = value;
    show(pulled);
  };
  picture.addEventListener("pointerdown", (event) => {
    picture.setPointerCapture(event.pointerId);
    pull(event);
  });
  picture.addEventListener("pointermove", (event) => pulled && pull(event));
  picture.addEventListener("pointerup", () => (pulled = null));
  picture.addEventListener("pointercancel", () => (pulled = null));
}

renew();

// A button with data-key="KEY" is also that key, where nothing is typed into.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.target.matches("input:not([type=radio]), select, textarea")) return;
  document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`)?.click();
});
