// Legal hold and deletion, from the page of a call.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeBrowser, facts, open, rpc, shot } from './browser.mjs';

after(closeBrowser);

const { hold: call } = facts.calls;

async function openCall(who) {
  const page = await open(who);
  await page.goto(`/calls/${call.id}`);
  await page.getByRole('tab', { selected: true }).waitFor();
  return page;
}

test('an admin holds a call, which shows everywhere, and releases it', async () => {
  const page = await openCall('admin');
  await page.getByRole('button', { name: 'Hold' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Nothing deletes a call that is on hold').waitFor();
  // Without a reason the form is not sent.
  await dialog.getByRole('button', { name: 'Hold' }).click();
  assert.equal(await dialog.getByLabel('Why').evaluate((input) => input.validity.valueMissing), true);
  await dialog.getByLabel('Why').fill('case 4711');
  await page.keyboard.press('Enter');
  await page.getByText('case 4711').waitFor();
  await shot(page, 'call-on-hold');
  assert.equal(await page.getByRole('button', { name: 'Delete' }).count(), 0);
  assert.equal((await rpc(page, 'CallService/DeleteCall', { id: call.id, reason: 'order' })).status, 400);
  await page.goto('/calls');
  await page.locator(`tr[data-call="${call.id}"]`).getByText('on hold').waitFor();
  await page.goto(`/calls/${call.id}`);
  await page.getByRole('button', { name: 'Release' }).click();
  await page.getByRole('dialog').getByLabel('Why').fill('closed');
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
  await page.getByRole('button', { name: 'Hold' }).waitFor();
  const { body } = await rpc(page, 'CallService/GetCall', { id: call.id });
  assert.equal(body.call.hold, undefined);
  await page.done();
});

test('deletion asks first, and Escape is no', async () => {
  const page = await openCall('admin');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByText('This cannot be undone').waitFor();
  await shot(page, 'call-delete');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal((await rpc(page, 'CallService/GetCall', { id: call.id })).status, 200);
  await page.done();
});

test('a viewer is offered neither, and is refused', async () => {
  const page = await openCall('viewer');
  assert.equal(await page.getByRole('button', { name: 'Hold' }).count(), 0);
  assert.equal((await rpc(page, 'CallService/HoldCall', { id: call.id, reason: 'mine' })).status, 403);
  assert.equal((await rpc(page, 'CallService/GetRetention')).status, 403);
  await page.done();
});

const rulesOf = async (panel) => (await panel.locator('tbody tr').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

test('settings show the retention in force', async () => {
  const page = await open('admin');
  await page.goto('/settings');
  const panel = page.getByRole('region', { name: 'Retention' }).first();
  await panel.getByText('for ever').first().waitFor();
  await panel.getByText('GiB').first().waitFor();
  assert.deepEqual(await rulesOf(panel), [
    'Sites: berlin, munich Numbers: +99901*, +999020 everything 36,000 days 36,500 days', 'Numbers: +99902* signalling only not recorded 36,000 days',
    'all others everything for ever for ever',
  ]);
  await panel.getByText('Of one that names sites and numbers, both must fit').waitFor();
  await shot(page, 'settings-retention');
  await page.done();
});

test('the rules are there in German, and of a scope those that concern it', async () => {
  const german = await open('admin', { locale: 'de-DE' });
  await german.goto('/settings');
  const all = german.getByRole('region', { name: 'Aufzeichnung und Aufbewahrung' }).first();
  await all.getByText('für immer').first().waitFor();
  assert.equal((await rulesOf(all))[0], 'Standorte: berlin, munich Nummern: +99901*, +999020 alles 36.000 Tage 36.500 Tage');
  await german.done();

  const page = await open('regional');
  await page.goto('/settings');
  const panel = page.getByRole('region', { name: 'Retention' }).first();
  await panel.getByText('Only those rules are shown that concern what you may see').waitFor();
  const [first, second] = await rulesOf(panel);
  assert.match(first, /^Sites: berlin Numbers: /);
  assert.match(second, /^Numbers: \+99902\* signalling only/);
  assert.equal(await panel.getByText('GiB').count(), 0);
  await page.done();
});
