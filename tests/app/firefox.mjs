// A Firefox that does what it is told over WebDriver BiDi: one line of JSON in, one out.
//
//   node firefox.mjs FIREFOX light|dark
//
// puppeteer-core is looked for in the folder SLEEPJERK_NODE_MODULES names.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [executablePath, scheme] = process.argv.slice(2);
const puppeteer = createRequire(join(process.env.SLEEPJERK_NODE_MODULES, "of-the-tests"))("puppeteer-core");
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  headless: true,
  extraPrefsFirefox: { "layout.css.prefers-color-scheme.content-override": scheme === "dark" ? 0 : 1 },
});
const page = await browser.newPage();
let messages = [];
page.on("console", (message) => messages.push(`${message.type()} ${message.text()}`));
page.on("pageerror", (error) => messages.push(String(error)));

const does = {
  open: async ({ address, width, height }) => {
    await page.setViewport({ width, height });
    await page.goto(address);
  },
  evaluate: ({ script }) => page.evaluate(script),
  press: ({ key }) => page.keyboard.press(key),
  type: ({ text }) => page.keyboard.type(text),
  choose: async ({ path }) => await (await page.$("#files")).uploadFile(path),
  screenshot: async ({ path }) => writeFileSync(path, await page.screenshot({ fullPage: true })),
  messages: () => messages.splice(0),
};

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await does[told.do](told)) ?? null };
  } catch (error) {
    answer = { error: error.message };
  }
  console.log(JSON.stringify(answer));
}
await browser.close();
