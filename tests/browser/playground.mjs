// Drives the page in Chromium: `node playground.mjs URL VISIT.json`. Prints what happened as JSON.
//
// A visit is {chromium, profile, scheme, width, height, failed, steps}; should a step fail, `failed` is the path of a
// screenshot that shows it. A step is one of
//   {"type": QUERY}        replaces what is in the query editor, key by key
//   {"headers": TEXT}      replaces what is in the header editor
//   {"run": TEXT}          presses Ctrl-Enter in the query editor and waits until the response shows the text
//   {"open": TITLE}        clicks the tutorial's example of the title
//   {"press": LABEL}       clicks the button of the label
//   {"key": NAME}          presses the key
//   {"sees": TEXT}         waits until the page shows the text
//   {"misses": TEXT}       waits until the page no longer shows the text
//   {"keeps": KEY}         waits until the browser keeps something under the key
//   {"reload": true}       loads the page again
//   {"shot": PATH}         takes a screenshot
// It answers {requests, sockets, problems, responses, tabs, kept}: the URLs asked for, what the console says against the
// page, the response of each run, the titles of the tabs and what the browser keeps in the end.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../../web/package.json", import.meta.url))("playwright-core");

const MILLISECONDS = 20_000;
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", // nothing leaves the machine, should the page try to
];

const [url, path] = process.argv.slice(2);
const visit = JSON.parse(readFileSync(path, "utf8"));
const told = { requests: [], sockets: [], problems: [], responses: [] };

const browser = await chromium.launchPersistentContext(visit.profile, {
  executablePath: visit.chromium,
  args: FLAGS,
  colorScheme: visit.scheme ?? "light",
  viewport: { width: visit.width ?? 1280, height: visit.height ?? 800 },
});
browser.setDefaultTimeout(MILLISECONDS);
browser.on("request", (request) => told.requests.push(request.url()));
try {
  const page = browser.pages()[0] ?? (await browser.newPage());
  page.on("websocket", (socket) => told.sockets.push(socket.url()));
  page.on("pageerror", (error) => told.problems.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) told.problems.push(message.text());
  });
  await page.goto(url);
  await ready(page);
  for (const step of visit.steps) {
    await take(page, step).catch(async (error) => {
      await page.screenshot({ path: visit.failed });
      throw new Error(`${JSON.stringify(step)}: ${error.message}\n${told.problems.join("\n")}\nSee ${visit.failed}`);
    });
  }
  told.tabs = await page.locator(".graphiql-tab-button").allInnerTexts();
  told.kept = await page.evaluate(() => ({ ...localStorage }));
} finally {
  await browser.close();
}
console.log(JSON.stringify(told));

async function ready(page) {
  await page.locator(".graphiql-query-editor .CodeMirror").waitFor();
  await page.locator(".graphiql-response .CodeMirror").waitFor();
  // The button spins, and is disabled, while the schema is fetched.
  await page.locator('button[aria-label="Re-fetch GraphQL schema"]:not([disabled])').waitFor();
}

async function take(page, step) {
  const [[what, value]] = Object.entries(step);
  switch (what) {
    case "type":
      return replace(page, ".graphiql-query-editor .CodeMirror", value);
    case "headers":
      await page.getByRole("button", { name: "Headers", exact: true }).click();
      return replace(page, '.graphiql-editor-tool .graphiql-editor:not(.hidden) .CodeMirror', value);
    case "run":
      await page.locator(".graphiql-query-editor .CodeMirror").click({ position: { x: 120, y: 20 } });
      await page.keyboard.press("Control+Enter");
      await page.waitForFunction(shows, value);
      return told.responses.push(await page.evaluate(shown));
    case "open": {
      await page.locator(".foretell-tutorial li button", { hasText: value }).click();
      return page.locator(".foretell-tutorial li button[aria-current]", { hasText: value }).waitFor();
    }
    case "press":
      return page.getByRole("button", { name: value, exact: true }).click();
    case "sees":
      return page.getByText(value).first().waitFor();
    case "key":
      return page.keyboard.press(value);
    case "misses":
      return page.getByText(value).first().waitFor({ state: "hidden" });
    case "keeps":
      return page.waitForFunction((key) => localStorage.getItem(key) !== null, value);
    case "reload":
      await page.reload();
      return ready(page);
    case "shot":
      return page.screenshot({ path: value });
    default:
      throw new Error(`no such step: ${what}`);
  }
}

// Both run in the page. The editor renders only the lines in view, so it is asked for the whole text.
function shown() {
  return document.querySelector(".graphiql-response .CodeMirror").CodeMirror.getValue();
}

function shows(text) {
  return document.querySelector(".graphiql-response .CodeMirror").CodeMirror.getValue().includes(text);
}

async function replace(page, editor, text) {
  await page.locator(editor).click();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.type(text);
}
