// Each page as it looks: accessible, within its width, and kept as a picture.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DESK, PHONE, accessible, closeBrowser, facts, findings, fitsWidth, open, shot } from './browser.mjs';

after(closeBrowser);

const { hold, impaired } = facts.calls;
const pages = {
  calls: ['/calls', 'tr[data-call]'],
  nothing: ['/calls?number=no-such', '.empty'],
  ladder: [`/calls/${impaired.id}`, 'button.rung svg'],
  path: [`/calls/${impaired.id}?tab=path`, '.path'],
  quality: [`/calls/${impaired.id}?tab=quality`, '.chart canvas'],
  evidence: [`/calls/${hold.id}?tab=evidence`, '.reason'],
  marks: [`/calls/${hold.id}?tab=marks`, '.mark-name'],
  live: ['/live', '.tile'],
  statistics: ['/quality?from=2026-11-01T00:00:00Z&before=2026-11-30T00:00:00Z', '.chart canvas'],
  worst: [`/quality?from=${facts.bad.from}&before=${facts.bad.before}&site=${facts.bad.site}`, 'table.worst'],
  completeness: ['/completeness?from=2026-11-01&to=2026-11-30', 'table.data tbody tr'],
  sensors: ['/sensors/s1', '.verdict'],
  audit: ['/audit', 'table.audit'],
  settings: ['/settings', '#theme'],
};

for (const theme of ['light', 'dark']) {
  for (const [size, viewport] of [['desk', DESK], ['phone', PHONE]]) {
    test(`${theme}, ${size}: no serious finding of axe, nothing sticks out`, async () => {
      const page = await open('admin', { theme, viewport });
      const serious = [];
      for (const [name, [path, sign]] of Object.entries(pages)) {
        await page.goto(path);
        await page.locator(sign).first().waitFor();
        await page.waitForTimeout(200);
        await shot(page, `${name}-${theme}-${size}`);
        serious.push(...(await findings(page)).map((text) => `${name}: ${text}`));
        if (size === 'phone') await fitsWidth(page, name);
      }
      await page.goto('/settings');
      await page.getByRole('button', { name: 'New token' }).click();
      serious.push(...await findings(page));
      await shot(page, `dialog-${theme}-${size}`);
      assert.deepEqual(serious, []);
      await page.done();
    });
  }
  test(`${theme}: the login is accessible`, async () => {
    const page = await open(null, { theme, viewport: PHONE });
    await page.goto('/');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await accessible(page, 'login');
    await fitsWidth(page, 'login');
    await shot(page, `login-${theme}-phone`);
    await page.done();
  });
}

test('an empty collector says what to do next', async () => {
  const page = await open(null, { base: facts.emptyUrl });
  await page.goto('/calls');
  await page.getByText('No sensor has connected yet').waitFor();
  assert.match(await page.locator('.command pre').innerText(), /^callbraid-sensor --id s1/);
  await page.getByText('Open to everyone who can connect').waitFor();
  await shot(page, 'empty-calls');
  await accessible(page, 'no calls');
  await page.goto('/sensors');
  await page.getByText('No sensor yet').waitFor();
  await shot(page, 'empty-sensors');
  await accessible(page, 'no sensors');
  await page.goto('/live');
  await page.getByText('No call is in progress').waitFor();
  await page.goto('/audit');
  await page.getByText('Nothing is noted yet').waitFor();
  await page.done();
});
