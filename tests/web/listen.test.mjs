import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, test } from 'node:test';
import { PHONE, accessible, closeBrowser, facts, fitsWidth, open, rpc, shot, until } from './browser.mjs';

after(closeBrowser);

const bar = (page) => page.getByRole('region', { name: 'Listening live' });
// Of caller and callee: the caller alone speaks.
const levels = (page) => bar(page).locator('meter').evaluateAll((meters) => meters.map((meter) => meter.value));

test('a call is heard while it goes on, and until it ends', async () => {
  const { command: [program, ...flags], caller, callee } = facts.listen;
  const sensor = spawn(program, flags, { stdio: 'ignore' });
  const page = await open('viewer', { viewport: PHONE });
  try {
    await page.goto('/live');
    const start = page.getByRole('button', { name: `Listen to the call from ${caller} to ${callee}` });
    await start.waitFor({ timeout: 30_000 });
    await start.click();
    await until(async () => { const [left, right] = await levels(page); return left > 0.5 && right === 0; }, 'the caller is heard, and nobody else');
    const behind = parseFloat(await bar(page).locator('.behind').innerText());
    assert.ok(behind >= 1.5 && behind < 3.5, `behind by ${behind} s`);
    await fitsWidth(page, 'listening');
    await accessible(page, 'listening');
    await shot(page, 'listening-phone');
    // It goes on while one looks at another page, and at the call's own.
    await page.goto('/live');
    assert.equal(await bar(page).count(), 0, 'a page that is loaded anew is silent');
    await page.getByRole('button', { name: `Listen to the call from ${caller} to ${callee}` }).click();
    await until(async () => (await levels(page))[0] > 0.5, 'heard again');
    await bar(page).getByTitle('Open the call').click();
    await page.getByRole('tab', { selected: true }).waitFor();
    const id = new URL(page.url()).pathname.split('/')[2];
    await until(async () => (await levels(page))[0] > 0.5, 'heard on the page of the call');
    await shot(page, 'listening-call');
    await bar(page).getByRole('button', { name: 'Stop listening' }).click();
    await bar(page).getByRole('button', { name: 'Listen', exact: true }).click();
    await until(async () => (await levels(page))[0] > 0.5, 'heard after a stop');
    await bar(page).getByText('The call has ended.').waitFor({ timeout: 90_000 });
    const admin = await open();
    const { body: { entries = [] } } = await rpc(admin, 'AccessService/ListAudit', { target: id });
    assert.equal(entries.filter((entry) => entry.act === 'AUDIT_ACT_LISTEN' && !entry.status).length, 3, JSON.stringify(entries));
    await admin.done();
  } finally {
    sensor.kill();
  }
  await page.done();
});
