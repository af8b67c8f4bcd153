// A link to one call, for somebody who has no token.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { accessible, closeBrowser, facts, nowPlaying, open, rpc, shot, until } from './browser.mjs';

after(closeBrowser);

const { hold: call } = facts.calls;
const other = Object.values(facts.calls).find((one) => one.id !== call.id);

async function share() {
  const page = await open('operator');
  await page.goto(`/calls/${call.id}`);
  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('With whom').fill('lawyer');
  await dialog.getByLabel('Good for').selectOption({ label: 'one day' });
  await accessible(page, 'the dialog');
  await shot(page, 'call-share');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = (await dialog.getByText(`/calls/${call.id}#share=`).innerText()).trim();
  await page.done();
  return link;
}

test('who has the link hears the call, and sees nothing else', async () => {
  const link = await share();
  const page = await open(null);
  await page.goto(link);
  await page.getByRole('tab', { selected: true }).waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the secret is not in the address bar');
  await page.getByRole('button', { name: 'Play' }).first().click();
  await until(async () => (await nowPlaying(page)).time > 0.2, 'it plays');
  assert.deepEqual(await page.getByRole('tab').allInnerTexts(), ['Path', 'Quality', 'Marks']);
  for (const name of ['Share', 'Hold', 'Delete']) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  await accessible(page, 'a shared call');
  await shot(page, 'call-shared');
  for (const [method, request, status] of [
    ['CallService/GetCall', { id: call.id }, 200], ['CallService/GetCall', { id: other.id }, 404],
    ['CallService/ListCalls', {}, 403], ['CallService/GetSignalling', { id: call.id }, 403],
    ['CallService/AnnotateCall', { id: call.id, note: 'mine' }, 403], ['AccessService/ShareCall', { id: call.id }, 403],
    ['SensorService/ListSensors', {}, 403]]) {
    assert.equal((await rpc(page, method, request)).status, status, method);
  }
  await page.goto('/');
  await page.getByRole('tab', { selected: true }).waitFor();
  await page.done();
});

test('a link that is good no longer says so', async () => {
  const page = await open(null);
  await page.goto(`/calls/${call.id}#share=cbt_${'x'.repeat(43)}`);
  await page.getByText('This link is good no longer').waitFor();
  await page.done();
});
