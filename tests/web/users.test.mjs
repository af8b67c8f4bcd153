// People who log in by a password.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { accessible, closeBrowser, open, rpc, shot } from './browser.mjs';

after(closeBrowser);

async function logIn(page, password) {
  await page.goto('/calls');
  await page.getByLabel('Name').fill('sophie');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

test('an admin adds a user, who logs in, changes the password, and is removed', async () => {
  const admin = await open('admin');
  await admin.goto('/settings');
  await admin.getByRole('button', { name: 'New user' }).click();
  const dialog = admin.getByRole('dialog');
  await dialog.getByLabel('Name').fill('sophie');
  await dialog.getByLabel('Password').fill('correct horse');
  await accessible(admin, 'the dialog');
  await shot(admin, 'settings-user');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await admin.getByRole('button', { name: 'Remove sophie' }).waitFor();

  const page = await open(null);
  await logIn(page, 'another horse');
  await page.getByRole('alert').getByText('No user has this name').waitFor();
  await shot(page, 'login-wrong');
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('tr[data-call]').first().waitFor();
  assert.equal((await rpc(page, 'AccessService/ListUsers')).status, 403);
  await page.goto('/settings');
  await page.getByLabel('Present password').fill('correct horsf');
  await page.getByLabel('New password').fill('battery staple');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByRole('alert').getByText('The present password is another one').waitFor();
  await accessible(page, 'a mistyped password');
  assert.equal((await rpc(page, 'CallService/ListCalls')).status, 200, 'still logged in');
  await page.getByLabel('Present password').fill('correct horse');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByText('Changed. Other browsers').waitFor();
  await accessible(page, 'settings of a user');

  await admin.getByRole('button', { name: 'Remove sophie' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await admin.getByText('Nobody logs in by a password yet').waitFor();
  assert.equal((await rpc(page, 'CallService/ListCalls')).status, 401);
  await page.done();
  await admin.done();
});
