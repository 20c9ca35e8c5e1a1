// Opens pages of a made site in a browser and measures what readers see. See README.md.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const [folder, ...asked] = process.argv.slice(2);
if (!folder) {
  console.error('expected the folder of a site');
  process.exit(2);
}
const TEN = [
  'slough', 'birmingham', 'dorset', 'isles-of-scilly', 'northamptonshire', 'west-northamptonshire', 'cumberland', 'trafford',
  'bournemouth-christchurch-and-poole', 'hertfordshire',
];
const names = asked.length ? asked : ['index', ...TEN.filter((name) => existsSync(join(folder, `${name}.html`)))];
// A zoom of 200% on a screen of 1280 px leaves 640 px of CSS, one of 400% 320 px with as many pixels for each.
const SCREENS = [
  { width: 320, height: 800, scale: 1 },
  { width: 375, height: 800, scale: 1 },
  { width: 768, height: 1024, scale: 1 },
  { width: 1280, height: 900, scale: 1 },
  { width: 640, height: 450, scale: 2 },
  { width: 320, height: 225, scale: 4 },
];
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const shots = process.env.PICTURES;
if (shots) mkdirSync(shots, { recursive: true });
// Told as soon as it is found.
const wrong = { length: 0, push(text) { this.length += 1; console.error(text); } };
let looks = 0;

// Visible texts of less than 12 px, those of inline pictures by the size that they are drawn at.
function smallTexts() {
  const small = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== '');
    if (!own || element.closest('title, desc, script, style, .unseen') || element.getClientRects().length === 0) continue;
    const svg = element.closest('svg');
    const size = parseFloat(getComputedStyle(element).fontSize);
    const drawn = svg && svg.viewBox.baseVal.width ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    if (size * drawn < 11.99) small.push(`${(size * drawn).toFixed(1)} px: ${element.textContent.trim().slice(0, 40)}`);
  }
  for (const img of document.querySelectorAll('img')) {
    if (img.getBoundingClientRect().width > 0 && img.naturalWidth > 0) {
      const drawn = img.getBoundingClientRect().width / img.naturalWidth;
      // The least size of a text of a picture is 12.5 px.
      if (12.5 * drawn < 11.99) small.push(`${(12.5 * drawn).toFixed(1)} px in ${img.getAttribute('src')}`);
    }
  }
  return small;
}

function cutTexts() {
  const cut = [];
  for (const element of document.querySelectorAll('h1, h2, h3, p, li, a, button, label, th, td, caption, summary')) {
    if (element.closest('.unseen, svg') || element.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    if (style.display === 'inline') continue;
    const hides = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY);
    const over = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
    if (hides && over) cut.push(element.textContent.trim().slice(0, 40));
  }
  return cut;
}

const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

async function opened(browser, name, options, use) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('request', (request) => {
    const url = request.url();
    const inside = url.startsWith(pathToFileURL(resolve(folder)).href) || url.startsWith('data:');
    if (!inside) wrong.push(`${name}: asks for ${url}`);
  });
  page.on('requestfailed', (request) => {
    // Printing cancels the loading of files that are there.
    const url = request.url();
    const cancelled = request.failure()?.errorText === 'net::ERR_ABORTED';
    if (cancelled && url.startsWith('file:') && existsSync(fileURLToPath(url))) return;
    wrong.push(`${name}: not there: ${url}`);
  });
  page.on('pageerror', (error) => wrong.push(`${name}: ${error.message}`));
  await page.goto(pathToFileURL(resolve(folder, `${name}.html`)).href, { waitUntil: 'load', timeout: 120_000 });
  await use(page);
  await context.close();
}

async function look(browser, name, screen, colorScheme, forcedColors = 'none') {
  const forced = forcedColors === 'active';
  const colours = forced ? `forced colours on ${colorScheme}` : colorScheme;
  const at = `${name} at ${screen.width} px${screen.scale > 1 ? `, zoom ${screen.scale * 100}%` : ''}, ${colours}`;
  const options = {
    viewport: { width: screen.width, height: screen.height },
    deviceScaleFactor: screen.scale,
    colorScheme,
    forcedColors,
    reducedMotion: 'reduce',
  };
  await opened(browser, name, options, async (page) => {
    looks += 1;
    const over = await page.evaluate(sideways);
    if (over > 0) wrong.push(`${at}: scrolls sideways by ${over} px`);
    for (const text of (await page.evaluate(smallTexts)).slice(0, 3)) wrong.push(`${at}: ${text}`);
    await page.evaluate(axe);
    const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
    for (const v of found.violations) wrong.push(`${at}: ${v.id}: ${v.nodes.length} times, first ${v.nodes[0].target.join(' ')}: ${v.nodes[0].failureSummary?.replaceAll('\n', ' ')}`);
    if (shots && screen.scale === 1) {
      const ending = forced ? '-forced' : colorScheme === 'dark' ? '-dark' : '';
      await page.screenshot({ path: join(shots, `${name}-${screen.width}${ending}.png`), fullPage: true });
    }
    await page.addStyleTag({
      content: '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }',
    });
    const spaced = await page.evaluate(sideways);
    if (spaced > 0) wrong.push(`${at}: with text spacing scrolls sideways by ${spaced} px`);
    for (const text of (await page.evaluate(cutTexts)).slice(0, 3)) wrong.push(`${at}: cut with text spacing: ${text}`);
  });
}

async function print(browser, name) {
  await opened(browser, name, { viewport: { width: 1280, height: 900 } }, async (page) => {
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true, path: shots ? join(shots, `${name}.pdf`) : undefined });
    const sheets = (pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []).length;
    if (sheets === 0) wrong.push(`${name}: prints nothing`);
    console.log(`${name}: ${sheets} sheets of paper${numbered(name, pdf, sheets)}`);
  });
}

// Each sheet has its number; read by pdftotext, where the machine has it.
function numbered(name, pdf, sheets) {
  const { error, stdout } = spawnSync('pdftotext', ['-', '-'], { input: pdf, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error) return ', numbers not looked at: no pdftotext';
  const texts = stdout.split('\f').slice(0, sheets);
  const without = texts.flatMap((text, n) => (text.includes(`Page ${n + 1} of ${sheets}`) ? [] : [n + 1]));
  if (without.length) wrong.push(`${name}: sheets without their number: ${without.join(', ')}`);
  return '';
}

// Tab, sort, filter; and the same table where no script runs.
async function use(browser) {
  await opened(browser, 'index', { viewport: { width: 1280, height: 900 } }, async (page) => {
    await page.keyboard.press('Tab');
    const first = await page.evaluate(() => document.activeElement.className);
    if (first !== 'skip') wrong.push(`index: the first stop of the tab key is ${first}, not the link to the content`);
    const outlined = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    if (outlined === 'none') wrong.push('index: what has the focus does not show it');
    const stops = new Set();
    for (let n = 0; n < 250; n += 1) {
      await page.keyboard.press('Tab');
      stops.add(await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120)));
    }
    if (stops.size < 200) wrong.push(`index: only ${stops.size} stops of the tab key`);
    const column = (n) => page.$$eval(`#all tbody tr:not([hidden])`, (rows, n) => rows.map((r) => r.cells[n].dataset.key ?? r.cells[n].textContent.trim()), n);
    const heads = await page.$$eval('#all thead th', (cells) => cells.map((c) => c.textContent.trim()));
    for (const [n, head] of heads.entries()) {
      await page.click(`#all thead th:nth-child(${n + 1}) button`);
      const values = (await column(n)).filter((v) => v !== '' && v !== '–');
      const numbers = values.every((v) => !Number.isNaN(Number(v)));
      const sorted = [...values].sort((a, b) => (numbers ? a - b : a.localeCompare(b, 'en-GB')));
      if (values.join('|') !== sorted.join('|')) wrong.push(`index: ${head} does not sort`);
      const said = await page.getAttribute(`#all thead th:nth-child(${n + 1})`, 'aria-sort');
      if (said !== 'ascending') wrong.push(`index: ${head} does not say that it is sorted`);
    }
    const all = (await column(0)).length;
    await page.fill('#by-name', 'sl');
    const found = await column(0);
    if (found.length === 0 || found.length === all || !found.every((v) => v.toLowerCase().includes('sl'))) {
      wrong.push(`index: the filter by name shows ${found.length} of ${all}`);
    }
    console.log(`index: ${all} rows sorted by ${heads.length} columns, ${found.length} with “sl”: ${await page.textContent('#told')}`);
    await page.fill('#by-name', '');
    if (await page.$('#by-region')) {
      await page.selectOption('#by-region', { index: 1 });
      const regions = new Set(await column(1));
      if (regions.size !== 1) wrong.push('index: the filter by region shows several');
    }
  });
  await opened(browser, 'index', { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false }, async (page) => {
    const rows = await page.locator('#all tbody tr').count();
    const hidden = await page.locator('#controls').isHidden();
    if (rows === 0 || !hidden) wrong.push('index: without scripts it is not whole');
    console.log(`index: ${rows} rows without scripts`);
  });
}

const path = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
for (const name of names) {
  for (const screen of SCREENS) await look(browser, name, screen, 'light');
  await look(browser, name, SCREENS[3], 'dark');
  for (const ground of ['light', 'dark']) await look(browser, name, SCREENS[3], ground, 'active');
  await print(browser, name);
}
if (names.includes('index')) await use(browser);
await browser.close();
console.log(`${names.length} pages, ${looks} looks: ${wrong.length} wrong`);
process.exit(wrong.length ? 1 : 0);
