import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, test } from 'node:test';
import { closeBrowser, facts, nowPlaying, open, rpc, shot, until } from './browser.mjs';

after(closeBrowser);

const { hold, impaired } = facts.calls;
const rowOf = (page, id) => page.locator(`tr[data-call="${id}"]`);
const rows = (page) => page.locator('tr[data-call]');

test('calls are listed newest first, with what people look for', async () => {
  const page = await open();
  await page.goto('/calls');
  await rowOf(page, hold.id).waitFor();
  const { body } = await rpc(page, 'CallService/ListCalls', { pageSize: 100 });
  const shown = await rows(page).evaluateAll((all) => all.map((row) => row.dataset.call));
  assert.deepEqual(shown, body.calls.map((call) => call.id));
  const text = await rowOf(page, hold.id).innerText();
  for (const part of [hold.caller, hold.callee, 'completed', '0:18', 's1, s2']) assert.ok(text.includes(part), `${part} in ${text}`);
  // In the zone of the viewer, UTC in the tooltip.
  const time = rowOf(page, hold.id).locator('time');
  assert.equal(await time.innerText(), '2026-11-23 10:02:53');
  assert.match(await time.getAttribute('title'), /^2026-11-23 09:02:53\.\d+ UTC$/);
  await shot(page, 'calls');
  await page.done();
});

test('from a search to sound in two clicks', async () => {
  const page = await open();
  await page.goto('/calls');
  await page.getByRole('searchbox').fill(impaired.caller);
  await until(async () => new URL(page.url()).searchParams.get('text') === impaired.caller, 'the search stands in the address');
  await rowOf(page, impaired.id).click();
  const play = page.getByRole('region', { name: 'Recording' }).getByRole('button', { name: 'Play', exact: true });
  await play.waitFor();
  const begun = Date.now();
  await play.click();
  await until(async () => (await nowPlaying(page)).time > 0, 'it plays');
  // Told, not judged: the machine may be busy with other things.
  console.log(`first sound after ${Date.now() - begun} ms`);
  // Sound it is: both sides have samples that are no silence.
  const loud = await page.evaluate(async (id) => {
    const samples = new Int16Array((await (await fetch(`/calls/${id}/audio?request={}`)).arrayBuffer()).slice(44));
    return [0, 1].map((side) => samples.reduce((most, value, i) => (i % 2 === side ? Math.max(most, Math.abs(value)) : most), 0));
  }, impaired.id);
  assert.ok(loud.every((value) => value > 1000), `loudest samples ${loud}`);
  await page.done();
});

test('a search is replayed by its address, and back goes back', async () => {
  const page = await open();
  await page.goto(`/calls?text=${impaired.callee}&state=completed&sensor=s2&from=2026-11-23T09:00:00Z&before=2026-11-23T10:00:00Z`);
  await rowOf(page, impaired.id).waitFor();
  const { body } = await rpc(page, 'CallService/ListCalls', {
    text: impaired.callee, states: ['CALL_STATE_COMPLETED'], sensor: 's2', startFrom: '2026-11-23T09:00:00Z', startBefore: '2026-11-23T10:00:00Z', pageSize: 1000,
  });
  assert.deepEqual(await rows(page).evaluateAll((all) => all.map((row) => row.dataset.call)), body.calls.map((call) => call.id));
  assert.equal(await page.getByRole('searchbox').inputValue(), impaired.callee);
  assert.equal(await page.getByLabel('Started from').inputValue(), '2026-11-23T10:00');
  assert.equal(await page.getByRole('button', { name: 'completed' }).getAttribute('aria-pressed'), 'true');
  const address = page.url();
  await rowOf(page, impaired.id).locator('a.row-link').click();
  await page.waitForURL(`**/calls/${impaired.id}`);
  await page.goBack();
  assert.equal(page.url(), address);
  await rowOf(page, impaired.id).waitFor();
  await page.done();
});

test('numbers are searched by any part; nothing found says what to do', async () => {
  const page = await open();
  await page.goto('/calls');
  await rows(page).first().waitFor();
  await page.getByRole('searchbox').fill('9555');
  await until(async () => (await rows(page).count()) > 0 && (await rows(page).allInnerTexts()).every((text) => text.includes('9555')), 'only such calls');
  await page.getByRole('searchbox').fill('no-such-number');
  await page.getByText('No call fits').waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  await rowOf(page, hold.id).waitFor();
  assert.equal(new URL(page.url()).search, '');
  // An id that was copied from elsewhere opens its call.
  await page.getByRole('searchbox').fill(hold.id);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/calls/${hold.id}`);
  await page.done();
});

test('the keyboard does: / arrows, space, Enter', async () => {
  const page = await open();
  await page.goto('/calls');
  await rows(page).first().waitFor();
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.type), 'search');
  await page.keyboard.type(hold.caller);
  await until(async () => new URL(page.url()).searchParams.get('text') === hold.caller, 'searched');
  await rowOf(page, hold.id).waitFor();
  const at = () => page.evaluate(() => document.activeElement.closest('tr')?.dataset.call);
  await page.keyboard.press('ArrowDown');
  const first = await at();
  assert.equal(first, await rows(page).first().getAttribute('data-call'));
  await page.keyboard.press('ArrowDown');
  assert.equal(await at(), await rows(page).nth(1).getAttribute('data-call'));
  await page.keyboard.press('ArrowUp');
  assert.equal(await at(), first);
  await page.keyboard.press(' ');
  await until(async () => (await nowPlaying(page)).time > 0, 'space plays');
  await page.getByRole('region', { name: 'Playing' }).waitFor();
  await page.keyboard.press(' ');
  await until(async () => (await nowPlaying(page)).paused, 'space pauses');
  await shot(page, 'calls-dock');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/calls/${first}`);
  await page.done();
});

test('qualifiers go from the search to the controls, and a link replays them', async () => {
  const page = await open();
  await page.goto('/calls');
  await rows(page).first().waitFor();
  await page.getByRole('searchbox').pressSequentially('site:berlin longer:15s flag:one-way,capture-loss ');
  await until(async () => new URL(page.url()).search === '?flag=one-way%2Ccapture-loss&site=berlin&longer=15s', 'they stand in the address');
  assert.equal(await page.getByRole('searchbox').inputValue(), '');
  assert.equal(await page.getByLabel('Site', { exact: true }).inputValue(), 'berlin');
  assert.equal(await page.getByLabel('Lasts at least').inputValue(), '15s');
  await page.getByRole('button', { name: 'one-way' }).click();
  await page.getByRole('button', { name: 'capture loss' }).click();
  await until(async () => new URL(page.url()).search === '?site=berlin&longer=15s', 'the controls take them out');
  await rowOf(page, hold.id).waitFor();
  const address = page.url();
  const { body } = await rpc(page, 'CallService/ListCalls', { site: 'berlin', minLength: '15s', pageSize: 100 });
  const shown = () => rows(page).evaluateAll((all) => all.map((row) => row.dataset.call));
  await until(async () => JSON.stringify(await shown()) === JSON.stringify(body.calls.map((call) => call.id)), 'the same as the API has');
  await page.goto('/calls');
  await page.goto(address);
  await rowOf(page, hold.id).waitFor();
  assert.deepEqual(await shown(), body.calls.map((call) => call.id));
  await shot(page, 'calls-filters');
  await page.done();
});

test('searches are saved, and forgotten', async () => {
  const page = await open();
  await page.goto('/calls?state=unanswered');
  await page.getByRole('button', { name: 'Save search' }).click();
  await page.getByLabel('Name of the search').fill('missed');
  await page.keyboard.press('Enter');
  await page.goto('/calls');
  await page.getByRole('link', { name: 'missed' }).click();
  await page.waitForURL('**/calls?state=unanswered');
  await page.reload();
  await page.getByRole('button', { name: 'Forget the search missed' }).click();
  assert.equal(await page.getByRole('link', { name: 'missed' }).count(), 0);
  await page.done();
});

test('older calls come by scrolling, each once', async () => {
  const page = await open();
  await page.goto('/calls');
  await rows(page).first().waitFor();
  const all = [];
  for (let token = ''; ;) {
    const { body } = await rpc(page, 'CallService/ListCalls', { pageSize: 1000, pageToken: token });
    all.push(...body.calls.map((call) => call.id));
    token = body.nextPageToken ?? '';
    if (!token) break;
  }
  assert.ok(all.length > 100, `${all.length} calls are in the collector`);
  await until(async () => {
    await page.mouse.wheel(0, 4000);
    return (await rows(page).count()) === all.length;
  }, 'all calls show', 30_000);
  assert.deepEqual(await rows(page).evaluateAll((them) => them.map((row) => row.dataset.call)), all);
  await page.getByText('No older calls').waitFor();
  await page.done();
});

test('a call that begins shows by itself', async () => {
  const page = await open();
  // What it sees is of years ago.
  await page.goto('/calls?from=2016-11-26T14:00:00Z&before=2016-11-26T15:00:00Z');
  await page.getByText('Live', { exact: true }).last().waitFor();
  const before = await rows(page).count();
  const [program, ...flags] = facts.feed.command;
  const sensor = spawn(program, flags, { stdio: 'ignore' });
  await until(async () => (await rows(page).count()) > before, 'the new call shows without a reload', 30_000);
  await new Promise((resolve) => { if (sensor.exitCode !== null) resolve(); else sensor.on('exit', resolve); });
  await page.done();
});
