import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, test } from 'node:test';
import { closeBrowser, facts, open, rpc, shot, until } from './browser.mjs';

after(closeBrowser);

const { hold, impaired } = facts.calls;

test('the doctor names the cure, in the commands of the switch', async () => {
  const page = await open();
  await page.goto('/sensors');
  const verdict = page.locator('[data-kind="VERDICT_KIND_EVERYTHING_TWICE"]').first();
  await verdict.waitFor();
  const text = await verdict.innerText();
  assert.match(text, /Everything comes twice/);
  assert.match(text, /Cure\s+Mirror only what ports receive/);
  assert.match(text, /monitor session 1 source interface .* rx/);
  await page.getByLabel('Commands for').selectOption('SWITCH_FAMILY_JUNIPER');
  await until(async () => /set forwarding-options analyzer/.test(await verdict.innerText()), 'the commands are for Juniper');
  await shot(page, 'sensors');
  await page.done();
});

test('sensors show their link, clock, drops, spool and capture points', async () => {
  const page = await open();
  await page.goto('/sensors');
  await page.getByRole('link', { name: 's1', exact: true }).click();
  await page.waitForURL('**/sensors/s1');
  const row = page.getByRole('row', { name: /^s1 / }).first();
  assert.match((await row.innerText()).replace(/\s+/g, ' '), /^s1 berlin away since \S+ \S+ .* none empty [\d.]+ (kB|MB)/);
  const { body } = await rpc(page, 'SensorService/ListSensors');
  const points = body.sensors.find((sensor) => sensor.id === 's1').capturePoints;
  const region = page.getByRole('region', { name: 'Capture points' }).first();
  assert.equal(await region.locator('tbody tr').count(), points.length);
  const point = points[0];
  const cells = await region.locator('tbody tr').first().innerText();
  assert.ok(cells.includes(Number(point.report.packets).toLocaleString('en-GB')), cells);
  await shot(page, 'sensor');
  await page.done();
});

test('calls in progress are seen live, by site and sensor', async () => {
  const page = await open();
  await page.goto('/live');
  await page.getByRole('heading', { name: 'Live' }).waitFor();
  const [program, ...flags] = facts.live.command;
  const sensor = spawn(program, flags, { stdio: 'ignore' });
  try {
    await page.locator('tr[data-call]').first().waitFor({ timeout: 30_000 });
    await page.locator('.bars', { hasText: facts.live.site }).waitFor();
    await page.locator('.bars', { hasText: facts.live.sensor }).waitFor();
    assert.ok(Number(await page.locator('.tile strong').first().innerText()) >= 1);
    await shot(page, 'live');
  } finally {
    sensor.kill();
  }
  await page.done();
});

test('statistics count what the list has, and lead to it', async () => {
  const page = await open();
  const { body: { calls: [newest] } } = await rpc(page, 'CallService/ListCalls', { pageSize: 1 });
  const before = new Date(Math.ceil((Date.parse(newest.startTime) + 1) / 86_400_000) * 86_400_000);
  const from = new Date(before.getTime() - 7 * 86_400_000);
  const range = `from=${from.toISOString()}&before=${before.toISOString()}`;
  await page.goto(`/quality?${range}&step=hour`);
  const tile = page.locator('.tile', { hasText: 'Calls' }).first();
  await tile.waitFor();
  const { body } = await rpc(page, 'CallService/CountCalls', { startFrom: from.toISOString(), startBefore: before.toISOString(), interval: '3600s' });
  const full = body.intervals.filter((interval) => interval.counts);
  const total = full.reduce((sum, interval) => sum + Number(interval.counts[0].calls), 0);
  assert.equal(await tile.locator('strong').innerText(), total.toLocaleString('en-GB'));
  const { body: { calls: listed } } = await rpc(page, 'CallService/ListCalls', { startFrom: from.toISOString(), startBefore: before.toISOString(), pageSize: 1000 });
  assert.equal(total, listed.length);
  const sites = page.getByRole('region', { name: 'By site' }).last();
  assert.ok((await sites.locator('tbody').innerText()).includes('berlin'));
  const chart = page.getByRole('img', { name: 'Calls by state' });
  await chart.locator('canvas').waitFor();
  await page.waitForTimeout(300);
  await shot(page, 'statistics');
  // The bar of the busiest hour opens its calls.
  const busiest = full.reduce((most, interval) => (Number(interval.counts[0].calls) > Number(most.counts[0].calls) ? interval : most));
  const index = body.intervals.indexOf(busiest);
  const over = await chart.locator('.u-over').boundingBox();
  await page.mouse.move(over.x + over.width * (index + 0.5) / body.intervals.length, over.y + over.height / 2);
  await page.mouse.click(over.x + over.width * (index + 0.5) / body.intervals.length, over.y + over.height / 2);
  await page.waitForURL((url) => url.pathname === '/calls' && Date.parse(url.searchParams.get('from')) === Date.parse(busiest.startTime));
  await until(async () => await page.locator('tr[data-call]').count() === Number(busiest.counts[0].calls), 'the list has the calls of that hour');
  await page.goBack();
  await page.getByText('By time').click();
  await page.getByRole('link', { name: /^Calls of / }).first().click();
  await page.locator('tr[data-call]').first().waitFor();
  await page.goBack();
  await page.getByLabel('Site', { exact: true }).selectOption('berlin');
  await until(async () => new URL(page.url()).searchParams.get('site') === 'berlin', 'the site stands in the address');
  await page.goto('/quality?from=2001-01-01T00:00:00Z&before=2001-01-02T00:00:00Z');
  await page.getByText('No calls in this time').waitFor();
  await page.done();
});

test('the phone of bad calls stands first, and leads to the search for them', async () => {
  const page = await open();
  const { number, site, from, before } = facts.bad;
  await page.goto(`/quality?from=${from}&before=${before}&site=${site}`);
  await page.getByText('2 calls with a MOS below 3.5').waitFor();
  const rowsOf = (title) => page.getByRole('region', { name: title }).locator('tbody tr');
  const { body: { calls } } = await rpc(page, 'CallService/ListCalls', { site, startFrom: from, startBefore: before, numberPrefix: number, maxMos: 3.5 });
  assert.equal(calls.length, 2);
  const phone = rowsOf(/^Phones/).first();
  assert.match(await phone.innerText(), new RegExp(`^${number}\\s+2\\s+100\\s%`));
  assert.equal(await rowsOf(/^Phones/).count(), 3);
  assert.match(await rowsOf(/^Ways/).first().innerText(), new RegExp(`^${site}\\s+2\\s`));
  assert.match(await rowsOf(/^Trunks/).first().innerText(), /^10\.\S+ – 10\.\S+\s+[12]\s/);
  // The first and the last of them; the list has the newest first.
  assert.deepEqual(await phone.locator('time').evaluateAll((all) => all.map((time) => time.dateTime)), calls.map((call) => call.startTime).reverse());
  const mos = Math.min(...calls.map((call) => call.listeningMos));
  assert.ok(mos > 2 && mos < 3, `MOS ${mos}`);
  const worst = await phone.getByRole('link', { name: `Worst call of ${number}, MOS ${mos.toFixed(2)}` }).getAttribute('href');
  assert.ok(calls.some((call) => worst === `/calls/${call.id}?tab=path`), worst);
  await shot(page, 'worst');
  await phone.getByRole('link', { name: `Bad calls of ${number}` }).click();
  await page.waitForURL((url) => url.pathname === '/calls' && url.searchParams.get('number') === number && url.searchParams.get('mos-below') === '3.5');
  const shown = () => page.locator('tr[data-call]').evaluateAll((all) => all.map((row) => row.dataset.call));
  await until(async () => JSON.stringify(await shown()) === JSON.stringify(calls.map((call) => call.id)), 'the list has its bad calls, and no other');
  await page.goBack();
  await page.getByText('2 calls with a MOS below 3.5').waitFor();
  await page.getByLabel('MOS below').selectOption('2');
  await page.getByText('No call has a MOS below 2.0.').waitFor();
  assert.equal(new URL(page.url()).searchParams.get('mos-below'), '2');
  await page.done();
});

test('what is bad, the viewer says: below the MOS of the lab\'s impaired call there are its phones', async () => {
  const page = await open('viewer');
  const { body: { call } } = await rpc(page, 'CallService/GetCall', { id: impaired.id });
  const limit = (call.listeningMos + 0.01).toFixed(2);
  await page.goto(`/quality?from=2026-11-23T09:11:00Z&before=2026-11-23T09:12:00Z&mos-below=${limit}`);
  const phones = page.getByRole('region', { name: /^Phones/ });
  await phones.getByRole('link', { name: `Bad calls of ${impaired.callee}`, exact: true }).waitFor();
  await phones.getByRole('link', { name: `Bad calls of ${impaired.caller}`, exact: true }).click();
  await page.waitForURL((url) => url.pathname === '/calls' && Number(url.searchParams.get('mos-below')) === Number(limit));
  await page.locator(`tr[data-call="${impaired.id}"]`).waitFor();
  await page.goBack();
  await phones.getByRole('link', { name: /^Worst call of / }).first().click();
  await page.locator('.path').first().waitFor();
  await page.done();
});

test('completeness is told by day and site, and of the PBX\'s records', async () => {
  const page = await open();
  await page.goto('/completeness?from=2026-11-01&to=2026-11-30');
  const table = page.getByRole('region', { name: 'By day and site' });
  await table.waitFor();
  const { body } = await rpc(page, 'CompletenessService/GetCompleteness', { startFrom: '2026-10-31T00:00:00Z', startBefore: '2026-12-02T00:00:00Z' });
  assert.equal(await table.locator('tbody tr').count(), body.days.filter((one) => one.date.startsWith('2026-11')).length);
  const link = table.locator('tbody a').first();
  assert.match(await link.getAttribute('href'), /^\/calls\?from=.*&state=active%2Ccompleted/);
  await link.click();
  await page.locator('tr[data-call]').first().waitFor();
  await page.goBack();
  await page.getByRole('region', { name: 'Phones that signal but are never heard' }).first().waitFor();
  const { body: { call } } = await rpc(page, 'CallService/GetCall', { id: hold.id });
  const start = call.startTime.slice(0, 19) + 'Z';
  const cdr = `start,src,dst,answer,billsec\n${start},${call.caller},${call.callee},${start},1\n${start},${call.caller},99999,${start},5\n`;
  await page.getByLabel('Call detail records (CSV)').setInputFiles({ name: 'Master.csv', mimeType: 'text/csv', buffer: Buffer.from(cdr) });
  const lacking = page.getByRole('region', { name: 'Not recorded whole' }).last();
  await lacking.getByText('99999').waitFor();
  assert.match(await lacking.locator('tbody').innerText(), /99999.*missing/s);
  await shot(page, 'completeness');
  await page.getByLabel('Call detail records (CSV)').setInputFiles({ name: 'wrong.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') });
  await page.getByRole('alert').getByText('columns: no call detail records').waitFor();
  await page.done();
});

test('the audit log tells who listened to what', async () => {
  const page = await open();
  await page.context().request.get(`/calls/${hold.id}/audio?request={}`);
  await page.goto('/audit');
  await page.getByRole('row', { name: /admin .*listened/ }).first().waitFor();
  await page.getByLabel('Of what').fill(hold.id);
  await page.keyboard.press('Enter');
  await until(async () => new URL(page.url()).searchParams.get('target') === hold.id, 'the filter stands in the address');
  await until(async () => {
    const targets = await page.locator('table.audit tbody a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    return targets.length > 0 && targets.every((target) => target === `/calls/${hold.id}`);
  }, 'only that call');
  await shot(page, 'audit');
  await page.getByLabel('Who').fill('nobody-of-that-name');
  await page.keyboard.press('Enter');
  await page.getByText('No entry fits').waitFor();
  await page.done();
});

test('a token is made, shown once, used and revoked', async () => {
  const page = await open();
  await page.goto('/settings');
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name', { exact: true }).fill('bob');
  await page.getByLabel(/^operator/).check();
  await page.getByLabel('Only these sites').fill('berlin bonn');
  await shot(page, 'settings-token');
  await page.getByRole('button', { name: 'Make the token' }).click();
  const secret = await page.getByRole('dialog').locator('pre').innerText();
  assert.match(secret, /^cbt_/);
  await page.getByRole('button', { name: 'Close' }).click();
  const row = page.getByRole('row', { name: /^bob / });
  await row.waitFor();
  assert.match(await row.innerText(), /operator\s+berlin, bonn/);
  assert.ok(!(await page.content()).includes(secret));
  const other = await open(null);
  assert.equal((await other.context().request.post('/session', { data: { token: secret } })).status(), 204);
  await row.getByRole('button', { name: 'Revoke the token of bob' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await row.getByText('revoked').waitFor();
  assert.equal((await other.context().request.post('/session', { data: { token: secret } })).status(), 401);
  await shot(page, 'settings');
  await other.done();
  await page.done();
});

test('a name that the collector refuses is said in words', async () => {
  const page = await open();
  await page.goto('/settings');
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name', { exact: true }).fill('not a name');
  await page.getByRole('dialog').locator('form').evaluate((form) => { form.noValidate = true; });
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByRole('dialog').getByRole('alert').getByText('The collector does not accept this').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.done();
});

test('a sensor is revoked and allowed again', async () => {
  const page = await open();
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Revoke the sensor s2' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Allow the sensor s2 again' }).click();
  await page.getByRole('button', { name: 'Revoke the sensor s2' }).waitFor();
  await page.done();
});

test('a sensor is enrolled by a token that is shown with what to do', async () => {
  const page = await open();
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Enrol a sensor' }).click();
  await page.getByLabel('Id of the sensor').fill('s9');
  await page.getByLabel('Site', { exact: true }).fill('bonn');
  await page.getByRole('button', { name: 'Make the token' }).click();
  const command = await page.getByRole('dialog').locator('pre').innerText();
  assert.match(command, /^echo 'cbe1:s9:\S+' > s9\.token\ncallbraid-sensor enroll --collector COLLECTOR:PORT /);
  await page.getByRole('button', { name: 'Close' }).click();
  const row = page.getByRole('row', { name: /^s9 / });
  await row.getByText('token waits until').waitFor();
  assert.match(await row.innerText(), /bonn/);
  await page.done();
});

test('everything is there in German', async () => {
  const page = await open('admin', { locale: 'de-DE' });
  await page.goto('/calls');
  await page.getByRole('heading', { name: 'Anrufe' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
  await page.locator(`tr[data-call="${hold.id}"]`).getByText('beendet').waitFor();
  await shot(page, 'calls-de');
  await page.goto(`/calls/${hold.id}?tab=evidence`);
  await page.getByText('Derselbe SIP-Dialog war an zwei Orten zu sehen').first().waitFor();
  await page.goto('/sensors');
  await page.getByRole('heading', { name: 'Doktor' }).waitFor();
  // And back to English, for good.
  await page.goto('/settings');
  await page.getByLabel('Sprache').selectOption('en');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await page.done();
});

test('colours follow the system, or the switch', async () => {
  const page = await open('admin', { theme: 'dark' });
  await page.goto('/settings');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await background();
  await page.getByLabel('Colours').selectOption('light');
  await until(async () => (await background()) !== dark, 'light by choice');
  await page.getByLabel('Colours').selectOption('auto');
  await until(async () => (await background()) === dark, 'dark by the system');
  await page.done();
});
