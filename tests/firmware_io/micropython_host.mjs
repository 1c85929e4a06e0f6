// Runs the MicroPython firmware in the real interpreter, compiled to WebAssembly.
//
//   node micropython_host.mjs FIRMWARE.py BOARD.py < job.json > what_happened.json
//
// The interpreter is the npm package below; it is looked for in the folder SLEEPJERK_NODE_MODULES names, else where
// node looks from here. Without it the exit code is 3.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const NAME = "@micropython/micropython-webassembly-pyscript";
const folder = process.env.SLEEPJERK_NODE_MODULES;
const address = folder ? pathToFileURL(join(folder, NAME, "micropython.mjs")).href : NAME;

let loadMicroPython;
try {
  ({ loadMicroPython } = await import(address));
} catch (error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  console.error(`${NAME} is not here`);
  process.exit(3);
}

// The package is one line of 100 kB, which node would print in front of every error.
process.on("uncaughtException", (error) => {
  console.error(error.message);
  process.exit(1);
});

const [firmware, board] = process.argv.slice(2);
if (firmware !== undefined) {
  const job = JSON.parse(readFileSync(0, "utf8"));
  const micropython = await loadMicroPython({
    heapsize: 3 * 1024 * 1024,
    pystack: 32 * 1024,
    linebuffer: false,
    stdout: () => {},
  });
  micropython.FS.writeFile("/firmware.py", readFileSync(firmware));
  micropython.FS.writeFile("/board.py", readFileSync(board));
  // What the board's flash holds from its last start: a text, or a folder where the file can't be written.
  if (job.flash === "broken") micropython.FS.mkdir("/sleepjerk_boots.txt");
  else if (job.flash !== undefined) micropython.FS.writeFile("/sleepjerk_boots.txt", job.flash);
  micropython.FS.writeFile("/job.json", JSON.stringify(job));
  micropython.runPython(`
import json
with open("/job.json") as file:
    job = json.load(file)
import board
happened = board.run(job)
with open("/happened.json", "w") as file:
    json.dump(happened, file)
`);
  process.stdout.write(micropython.FS.readFile("/happened.json", { encoding: "utf8" }));
}
