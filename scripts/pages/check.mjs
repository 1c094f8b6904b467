// node check.mjs CHROMIUM PAGES SCREENSHOTS
//
// PAGES holds `html/*.html`, `report.html` and the `records.jsonl` that they were made of.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, folder, screenshots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const records = readFileSync(join(folder, "records.jsonl"), "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--force-color-profile=srgb"] });
let [passed, failed] = [0, 0];

/**
 * Runs a check in a page of its own; whatever the page complains about or asks for is a failure, but for
 * messages that match `refused`.
 */
async function check(name, file, { refused, ...options }, body) {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => refused?.test(message.text()) || wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error}`));
  page.on("dialog", (dialog) => (wrong.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith("file:") && !url.startsWith("data:")) wrong.push(`request: ${url}`);
  });
  try {
    await page.goto(pathToFileURL(join(folder, file)).href);
    await body(page);
    assert.deepEqual(wrong, []);
    passed += 1;
  } catch (error) {
    failed += 1;
    console.error(`FAILED ${name} (${file}): ${error.message}`);
  } finally {
    await context.close();
  }
}

const shot = (page, name, fullPage = true) => page.screenshot({ path: join(screenshots, `${name}.png`), fullPage });

/** No rule of axe-core is broken. */
async function accessible(page) {
  await page.evaluate(axe);
  const broken = await page.evaluate(async () => (await globalThis.axe.run()).violations);
  assert.deepEqual(
    broken.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`),
    [],
  );
}

/** Tab reaches every focusable element once, in order, each with a visible outline, and leaves the page. */
async function walk(page) {
  const expected = await page.evaluate(() => {
    const all = document.querySelectorAll("a[href], button, input, summary, [tabindex='0']");
    return [...all].filter((element) => element.checkVisibility()).length;
  });
  const seen = new Set();
  let first = null;
  for (let press = 0; press <= expected + 1; press += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      globalThis.order ??= new Map();
      if (!globalThis.order.has(element)) globalThis.order.set(element, globalThis.order.size);
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      return {
        number: globalThis.order.get(element),
        html: element.outerHTML.slice(0, 120),
        shown: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      };
    });
    if (at === null || seen.has(at.number)) break;
    first ??= at.html;
    seen.add(at.number);
    assert.ok(at.shown, `what has the focus should be in view: ${at.html}`);
    assert.ok(at.outlined, `what has the focus should have an outline: ${at.html}`);
  }
  assert.equal(seen.size, expected, "Tab should reach every element that takes the focus");
  assert.match(first, /class="skip"/);
}

/** No text of a record became markup, and links lead somewhere. */
async function harmless(page) {
  const found = await page.evaluate(() => ({
    scripts: document.scripts.length,
    foreign: [...document.querySelectorAll("img, iframe, object, embed, i, form, [style]")].map((one) => one.outerHTML),
    handlers: [...document.querySelectorAll("*")]
      .flatMap((element) => [...element.attributes])
      .filter((attribute) => attribute.name.startsWith("on"))
      .map((attribute) => attribute.name),
    schemes: [...document.links].map((link) => link.protocol).filter((one) => !/^(https?|file):$/.test(one)),
    dead: [...document.querySelectorAll('a[href^="#"]')]
      .map((link) => link.getAttribute("href").slice(1))
      .filter((id) => !document.getElementById(id)),
    nested: document.querySelectorAll("a a").length,
  }));
  assert.deepEqual(found, { scripts: 1, foreign: [], handlers: [], schemes: [], dead: [], nested: 0 });
}

/** The source side holds the record's text, and nothing is lost or doubled. */
async function faithful(page, record) {
  const shown = await page.evaluate(() => {
    const copy = document.querySelector("main").cloneNode(true);
    copy.querySelectorAll(".n, .switch, .byline").forEach((element) => element.remove());
    return [...copy.querySelectorAll(".source")].map((cell) => cell.textContent).join("");
  });
  const bare = (text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "\ufffd").replace(/\s+/g, "");
  assert.equal(bare(shown), bare(record.text));
}

/** Hovering over a name, or moving the focus to it, lights up all its mentions, on both sides, and no other. */
async function linked(page) {
  const name = await page.evaluate(() => {
    const on = (side) => new Set([...document.querySelectorAll(`${side} [data-x]`)].map((one) => one.dataset.x));
    const target = on(".target");
    return [...on(".source")].find((one) => target.has(one)) ?? null;
  });
  if (name === null) return false;
  const lit = () =>
    page.evaluate(() => ({
      names: [...new Set([...document.querySelectorAll(".lit[data-x]")].map((one) => one.dataset.x))],
      sides: [".source", ".target", ".names"].filter((side) => document.querySelector(`${side} .lit[data-x]`)),
    }));
  const expected = { names: [name], sides: [".source", ".target", ".names"] };
  await page.hover(`.source a[data-x="${name}"]`);
  assert.deepEqual(await lit(), expected, "hovering");
  await page.mouse.move(1, 1);
  assert.deepEqual((await lit()).names, [], "moving away");
  await page.focus(`.target a[data-x="${name}"]`);
  assert.deepEqual(await lit(), expected, "focus");
  await page.keyboard.press("Escape");
  assert.deepEqual((await lit()).names, [], "Escape");
  await page.click(`.source a[data-x="${name}"]`);
  assert.equal(await page.evaluate(() => document.querySelector(":target")?.tagName), "TR");
  return true;
}

/** A passage and its rendering light up together, and lead to each other. */
async function paired(page) {
  const passage = await page.evaluate(() => document.querySelector(".source .s[data-t]")?.dataset.t.split(" ")[0]);
  if (!passage) return;
  await page.hover(`#${passage} > p`, { position: { x: 3, y: 8 } });
  const lit = await page.evaluate(() => document.querySelectorAll(".source .s.lit, .rendering.lit").length);
  assert.ok(lit >= 2, "hovering over a rendering should light up its source");
  await page.click(`#${passage} > a.n`);
  assert.ok(await page.evaluate(() => document.querySelector(":target").matches(".s")));
}

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

const pages = readdirSync(join(folder, "html")).filter((name) => !name.startsWith("index"));
const dark = { colorScheme: "dark" };
const phone = { viewport: PHONE, deviceScaleFactor: 2, hasTouch: true };
const both = [];
for (const file of pages) {
  const path = `html/${file}`;
  const short = file.replace(/-[0-9a-f]{16}.*$/, "");
  let record;
  await check("what it holds", path, {}, async (page) => {
    const id = await page.evaluate(() => document.querySelector("h1 bdi").textContent);
    record = records.find((one) => one.id === id);
    assert.ok(record, `there should be a record \`${id}\``);
    await harmless(page);
    await faithful(page, record);
    await accessible(page);
    await shot(page, `${short}-light`);
  });
  await check("names", path, {}, async (page) => both.push(await linked(page)));
  await check("passages", path, {}, paired);
  await check("keyboard", path, {}, walk);
  await check("dark", path, dark, async (page) => {
    await accessible(page);
    await shot(page, `${short}-dark`);
  });
  await check("phone", path, phone, async (page) => {
    assert.ok((await overflow(page)) <= 0, "a phone should not have to scroll sideways");
    await accessible(page);
    await shot(page, `${short}-phone`);
  });
  await check("print", path, {}, async (page) => {
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.evaluate(() => !document.querySelector("nav").checkVisibility()));
    await page.pdf({ path: join(screenshots, `${short}.pdf`), format: "A4" });
  });
  await check("without its script", path, { javaScriptEnabled: false }, async (page) => {
    assert.ok(await page.locator(".banner h1").isVisible());
  });
  await check("less motion", path, { reducedMotion: "reduce" }, async (page) => {
    const moving = await page.evaluate(
      () => [...document.querySelectorAll("*")].filter((one) => getComputedStyle(one).transitionDuration !== "0s").length,
    );
    assert.equal(moving, 0);
  });
}
if (!both.includes(true)) {
  failed += 1;
  console.error("FAILED names: no page has a name on both sides, so nothing was checked");
}

const rtl = pages.find((file) => file.startsWith("etc-"));
await check("right to left", `html/${rtl}`, {}, async (page) => {
  const directions = await page.evaluate(() =>
    [...document.querySelectorAll(".source p[dir], .rendering p[dir]")]
      .filter((one) => /^[^A-Za-z]*[\u0600-\u06ff]/.test(one.textContent.replace(/^[\d↩]+/, "")))
      .map((one) => getComputedStyle(one).direction),
  );
  assert.ok(directions.length > 1 && directions.every((one) => one === "rtl"), directions.join());
});
await check("the policy", `html/${rtl}`, { refused: /Content Security Policy/ }, async (page) => {
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.ran = true";
    document.body.append(script);
  });
  assert.equal(await page.evaluate(() => globalThis.ran), undefined);
});

await check("index", "html/index.html", {}, async (page) => {
  await harmless(page);
  await accessible(page);
  await shot(page, "index-light");
  const column = (at) =>
    page.evaluate((at) => [...document.querySelectorAll("tbody tr")].map((row) => parseInt(row.cells[at].textContent, 10)), at);
  const descending = [...(await column(2))].sort((a, b) => b - a);
  await page.click("th:nth-child(3) button");
  assert.deepEqual(await column(2), descending, "the largest come first");
  assert.equal(await page.getAttribute("th:nth-child(3)", "aria-sort"), "descending");
  await page.keyboard.press("Enter");
  assert.deepEqual(await column(2), descending.reverse());
  assert.equal(await page.getAttribute("th:nth-child(3)", "aria-sort"), "ascending");
  await page.fill("#filter", "BRIDGE");
  assert.equal(await page.locator("tbody tr:visible").count(), 1);
  assert.equal(await page.textContent("#found"), `1 of ${pages.length}`);
});
await check("index keyboard", "html/index.html", {}, walk);
await check("index dark", "html/index.html", dark, async (page) => (await accessible(page), shot(page, "index-dark")));
await check("index phone", "html/index.html", phone, async (page) => {
  assert.ok((await overflow(page)) <= 0);
  await shot(page, "index-phone");
});
await check("index leads to pages", "html/index.html", {}, async (page) => {
  await page.click("tbody th a");
  assert.equal(await page.locator("h1").count(), 1);
  await page.click("nav a");
  assert.equal(await page.textContent("h1"), "Documents");
});

for (const [name, options] of Object.entries({ light: {}, dark, phone })) {
  await check(`report ${name}`, "report.html", options, async (page) => {
    await harmless(page);
    assert.ok((await overflow(page)) <= 0);
    await accessible(page);
    await shot(page, `report-${name}`);
  });
}
await check("report keyboard", "report.html", {}, walk);

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
