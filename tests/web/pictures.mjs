// Pictures for the documentation, of the running product: web_test.py --pictures DIR.
import { closeBrowser, facts, open, until, nowPlaying } from './browser.mjs';

const { hold, impaired } = facts.calls;
const size = { width: 1280, height: 800 };

async function picture(name, path, sign, act = async () => {}) {
  const page = await open('admin', { viewport: size });
  await page.goto(path);
  await page.locator(sign).first().waitFor();
  await act(page);
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${facts.pictures}/web-${name}.png` });
  await page.done();
}

await picture('calls', '/calls', 'tr[data-call]');
await picture('call', `/calls/${hold.id}`, 'button.rung', async (page) => {
  await page.getByRole('button', { name: 'Show the keys pressed' }).click();
  await page.locator('.big-play').click();
  await page.locator('.wave[data-drawn="2"] canvas').first().waitFor();
  await until(async () => (await nowPlaying(page)).time > 3, 'it plays');
  await page.locator('.big-play').click();
  await page.locator('button.rung').first().click();
});
await picture('path', `/calls/${impaired.id}?tab=path`, '.path', (page) => page.locator('.path').first().scrollIntoViewIfNeeded());
await picture('sensors', '/sensors', '.verdict');
await closeBrowser();
