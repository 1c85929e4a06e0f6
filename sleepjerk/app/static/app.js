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
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.matches("input:not([type=radio]), select, textarea")) return;
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

// Files are dropped anywhere on a page with a form for them, or chosen; what is sent shows how far it is.
function opens(form) {
  const zone = document.documentElement;
  for (const kind of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.toggle("over", kind === "dragover");
    });
  }
  zone.addEventListener("drop", async (event) => {
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
    send(form, (await Promise.all(entries.filter(Boolean).map(filesIn))).flat());
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const files = [...form.querySelectorAll("[type=file]")].flatMap((input) => [...input.files]);
    send(form, files.map((file) => [file.webkitRelativePath || file.name, file]));
  });
}

async function filesIn(entry) {
  if (entry.isFile) return [[entry.fullPath, await new Promise((done, failed) => entry.file(done, failed))]];
  const reader = entry.createReader();
  const found = [];
  for (let some; (some = await new Promise((done, failed) => reader.readEntries(done, failed))).length; ) found.push(...some);
  return (await Promise.all(found.map(filesIn))).flat();
}

function send(form, files) {
  const tooLarge = files.reduce((sum, [, file]) => sum + file.size, 0) > Number(form.dataset.upload);
  document.getElementById("too-large").hidden = !tooLarge;
  if (!files.length) return location.assign("/open?none");
  if (tooLarge) return;
  const data = new FormData();
  for (const [name, file] of files) data.append("files", file, name);
  const sending = document.getElementById("sending");
  sending.hidden = false;
  const request = new XMLHttpRequest();
  request.upload.onprogress = (event) => (sending.querySelector("progress").value = (100 * event.loaded) / event.total);
  request.onerror = () => document.body.classList.add("lost-page");
  request.onload = () => {
    if (request.status < 400) return location.assign(request.responseURL);
    sending.hidden = true;
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    document.querySelector("main").replaceWith(answer.querySelector("main"));
  };
  request.open("POST", form.action);
  request.send(data);
}

document.body.classList.add("with-script");
document.querySelectorAll("[data-upload]").forEach(opens);
renew();
