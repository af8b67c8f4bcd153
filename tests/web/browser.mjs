// What all tests of the pages share. They run against a collector that is up:
// CALLBRAID_WEB names a JSON file that tells where, and what is in it (see
// web_test.py, which writes it).
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

if (!process.env.CALLBRAID_WEB) throw new Error('CALLBRAID_WEB names no file: run web_test.py');
export const facts = JSON.parse(readFileSync(process.env.CALLBRAID_WEB, 'utf8'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const PHONE = { width: 380, height: 760 };
export const DESK = { width: 1360, height: 860 };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--mute-audio'],
});

export const closeBrowser = () => browser.close();

// A page of its own, logged in as `who` (admin, viewer...; null: nobody). What
// the browser complains of, a forbidden style or script above all, fails the
// test at done().
export async function open(who = 'admin', options = {}) {
  const { base = facts.url, viewport = DESK, theme = 'light', locale = 'en-GB' } = options;
  const context = await browser.newContext({ baseURL: base, viewport, colorScheme: theme, locale, timezoneId: 'Europe/Berlin', ignoreHTTPSErrors: true, acceptDownloads: true });
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Answers that say no are part of some tests, and told by the page in words.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  if (who && base === facts.url) {
    const response = await context.request.post('/session', { data: { token: facts.tokens[who] } });
    assert.equal(response.status(), 204, `log in as ${who}`);
  }
  page.done = async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  };
  return page;
}

// The API, with the session of the page.
export async function rpc(page, method, request = {}) {
  const response = await page.context().request.post(`/callbraid.v1.${method}`, { data: request });
  return { status: response.status(), body: await response.json() };
}

export async function shot(page, name) {
  if (!facts.shots) return;
  mkdirSync(facts.shots, { recursive: true });
  await page.screenshot({ path: join(facts.shots, `${name}.png`), fullPage: true });
}

// What axe finds that is serious or critical.
export async function findings(page) {
  // Run, not put in as an element: the policy of the pages forbids that.
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} (${node.failureSummary.split('\n')[1]?.trim()})`).join('; ')}`);
}

export async function accessible(page, what) {
  assert.deepEqual(await findings(page), [], what);
}

export async function fitsWidth(page, what) {
  const [inner, wide] = await page.evaluate(() => [window.innerWidth, document.documentElement.scrollWidth]);
  assert.ok(wide <= inner, `${what}: ${wide} wide in ${inner}`);
}

export const nowPlaying = (page) => page.evaluate(() => {
  const audio = document.querySelector('audio');
  return { time: audio.currentTime, paused: audio.paused, duration: audio.duration };
});

export async function until(check, what, timeout = 30_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const result = await check();
    if (result) return result;
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
