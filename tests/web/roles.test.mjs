import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeBrowser, facts, open, rpc, shot } from './browser.mjs';

after(closeBrowser);

const links = (page) => page.getByRole('navigation').locator('.nav-link').allInnerTexts();
const { hold } = facts.calls;

test('nobody gets in without a token, and then goes on where he was', async () => {
  const page = await open(null);
  await page.goto(`/calls/${hold.id}?tab=path`);
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  assert.equal((await rpc(page, 'CallService/ListCalls')).status, 401);
  assert.equal((await page.context().request.get(`/calls/${hold.id}/audio?request={}`)).status(), 401);
  await shot(page, 'login');
  await page.getByRole('button', { name: 'By an API token' }).click();
  await page.getByLabel('API token').fill('cbt_wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('This token is not good').waitFor();
  await page.getByLabel('API token').fill(facts.tokens.viewer);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('region', { name: 'Stream 1' }).waitFor();
  // The token is nowhere that a script could read it.
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!kept.includes('cbt_'), kept);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  assert.equal((await rpc(page, 'CallService/ListCalls')).status, 401);
  await page.done();
});

test('a viewer sees calls, and is told what is not his', async () => {
  const page = await open('viewer');
  await page.goto('/calls');
  await page.locator('tr[data-call]').first().waitFor();
  assert.deepEqual(await links(page), ['Calls', 'Live', 'Quality', 'Completeness', 'Settings']);
  for (const path of ['/sensors', '/audit']) {
    await page.goto(path);
    await page.getByText('You are logged in as viewer').waitFor();
  }
  await shot(page, 'refused');
  assert.equal((await rpc(page, 'SensorService/ListSensors')).status, 403);
  assert.equal((await rpc(page, 'AccessService/ListTokens')).status, 403);
  await page.goto('/settings');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'New token' }).count(), 0);
  await page.done();
});

test('an operator also sees sensors and the doctor', async () => {
  const page = await open('operator');
  await page.goto('/sensors');
  await page.getByRole('heading', { name: 'Doctor' }).waitFor();
  assert.deepEqual(await links(page), ['Calls', 'Live', 'Quality', 'Completeness', 'Sensors', 'Settings']);
  await page.done();
});

test('an auditor reads the audit log, and nothing else', async () => {
  const page = await open('auditor');
  await page.goto('/');
  await page.getByRole('heading', { name: 'Audit log' }).waitFor();
  assert.deepEqual(await links(page), ['Audit', 'Settings']);
  await page.goto('/calls');
  await page.getByText('You are logged in as auditor').waitFor();
  assert.equal((await rpc(page, 'CallService/ListCalls')).status, 403);
  await page.done();
});

test('who is held to some numbers sees only their calls', async () => {
  const page = await open('scoped');
  await page.goto('/calls');
  await page.locator('tr[data-call]').first().waitFor();
  for (const text of await page.locator('tr[data-call]').allInnerTexts()) assert.match(text, /9555/);
  await page.goto(`/calls/${hold.id}`);
  await page.getByRole('alert').getByText('Not found, or not for you to see').waitFor();
  assert.equal((await page.context().request.get(`/calls/${hold.id}/audio?request={}`)).status(), 404);
  await page.done();
});
