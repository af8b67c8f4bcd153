import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { accessible, closeBrowser, facts, nowPlaying, open, rpc, shot, until } from './browser.mjs';

after(closeBrowser);

const { hold, impaired } = facts.calls;

async function openCall(id, tab = '') {
  const page = await open();
  await page.goto(`/calls/${id}${tab && `?tab=${tab}`}`);
  await page.getByRole('tab', { selected: true }).waitFor();
  return page;
}

test('the ladder is in causal order, with who saw what', async () => {
  const page = await openCall(impaired.id);
  const rungs = page.locator('button.rung');
  await rungs.first().waitFor();
  const said = await rungs.evaluateAll((all) => all.map((one) => [one.querySelector('.hidden-label').textContent, ...[...one.querySelectorAll('.chip')].map((chip) => chip.textContent)].join(' ')));
  const short = said.map((text) => text.replace(', seen at', ' @').replace(', from ', ' ').replace(' to ', '>').replaceAll('10.10.0.', '.'));
  const at = (text) => {
    const index = short.findIndex((one) => one.startsWith(text));
    assert.ok(index >= 0, `${text} in ${short.join(' | ')}`);
    return index;
  };
  const order = ['INVITE (SDP) .101>.10 @ s1', 'INVITE (SDP) .10>.103 @ s2', '180 Ringing .103>.10 @ s2', '180 Ringing .10>.101 @ s1', '200 Answering (SDP) .103>.10 @ s2',
    '200 Answering (SDP) .10>.101 @ s1', 'ACK .101>.10 @ s1', 'ACK .10>.103 @ s2', 'BYE'].map(at);
  assert.deepEqual(order, [...order].sort((a, b) => a - b), short.join(' | '));
  assert.equal(order[0], 0);
  assert.equal(short.filter((text) => text.startsWith('RTP PCMU')).length, 2);
  assert.ok(at('RTP PCMU') > at('INVITE') && at('RTP PCMU') < at('BYE'));
  const heads = await page.locator('.party-head strong').allInnerTexts();
  assert.deepEqual(heads, ['10.10.0.101', '10.10.0.10', '10.10.0.103']);
  await shot(page, 'call-ladder');
  await page.done();
});

test('a message shows as it was captured, and is never markup', async () => {
  const page = await openCall(impaired.id);
  await page.locator('button.rung', { hasText: 'INVITE' }).first().click();
  const raw = page.locator('pre.raw');
  const { body } = await rpc(page, 'CallService/GetSignalling', { id: impaired.id });
  const sent = Buffer.from(body.messages[0].message, 'base64').toString('utf8').replaceAll('\r\n', '\n').trimEnd();
  assert.equal((await raw.innerText()).trimEnd(), sent);
  assert.match(sent, /To: <sip:103@10\.10\.0\.10>/);
  assert.equal(await raw.locator('*:not(span)').count(), 0);
  await shot(page, 'call-message');
  // The arrows go on to the next message.
  await page.keyboard.press('ArrowDown');
  await until(async () => (await raw.innerText()).startsWith('SIP/2.0 100'), 'the next message');
  await page.done();
});

test('the waveform is drawn from the recording when it plays, and seeks by ranges', async () => {
  const page = await openCall(hold.id);
  const ranges = [];
  page.on('response', (response) => { if (response.url().includes('/audio?')) ranges.push([response.status(), response.request().headers()['range'] ?? '']); });
  // Opening a call is no listening.
  await page.waitForTimeout(500);
  assert.deepEqual(ranges, []);
  await page.getByRole('region', { name: 'Recording' }).getByRole('button', { name: 'Play', exact: true }).click();
  await page.locator('.wave[data-drawn="2"] canvas').first().waitFor();
  const inked = await until(() => page.evaluate(() => {
    const canvases = [...document.querySelector('.wave').firstElementChild.shadowRoot.querySelectorAll('.canvases canvas')];
    const ink = canvases.map((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.filter((value, i) => i % 4 === 3 && value > 0).length);
    return ink.length >= 2 && ink.every((count) => count > 500) && ink;
  }), 'both lanes have ink');
  console.log(`pixels drawn: ${inked}`);
  const track = page.getByRole('slider', { name: 'Position in the recording' });
  const box = await track.boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await until(async () => { const { time, duration } = await nowPlaying(page); return time >= duration / 2 - 0.5 && time < duration / 2 + 3; }, 'a click seeks');
  await shot(page, 'call-playing');
  await track.focus();
  await page.keyboard.press(' ');
  await until(async () => (await nowPlaying(page)).paused, 'space pauses');
  await page.keyboard.press('Home');
  await until(async () => (await nowPlaying(page)).time === 0, 'Home goes to the beginning');
  await until(async () => (await track.getAttribute('aria-valuenow')) === '0', 'and the track shows it');
  await page.keyboard.press('ArrowRight');
  await until(async () => Math.abs((await nowPlaying(page)).time - 5) < 0.1, 'the arrow goes on by five seconds');
  await page.getByLabel('Speed').selectOption('2');
  assert.equal(await page.evaluate(() => document.querySelector('audio').playbackRate), 2);
  assert.ok(ranges.some(([status, range]) => status === 206 && range.startsWith('bytes=')), JSON.stringify(ranges));
  await page.done();
});

test('one stream may be heard by itself', async () => {
  const page = await openCall(hold.id);
  // Behind the whole call and both ears.
  await page.getByLabel('Hear').selectOption({ index: 3 });
  await page.getByRole('region', { name: 'Recording' }).getByRole('button', { name: 'Play', exact: true }).click();
  await until(async () => (await nowPlaying(page)).time > 0, 'it plays');
  assert.match(await page.evaluate(() => decodeURIComponent(document.querySelector('audio').src)), /"streamId":"[0-9a-f]{32}"/);
  await page.locator('.wave[data-drawn="1"]').waitFor();
  await page.done();
});

test('a call may be heard as one of its parties did, and says where from', async () => {
  const page = await openCall(impaired.id);
  await page.getByLabel('Hear').selectOption('as heard by the caller');
  await page.getByRole('region', { name: 'Recording' }).getByRole('button', { name: 'Play', exact: true }).click();
  await until(async () => (await nowPlaying(page)).time > 0, 'it plays');
  assert.match(await page.evaluate(() => decodeURIComponent(document.querySelector('audio').src)), /"perspective":"PERSPECTIVE_HEARD_BY_CALLER"/);
  await page.locator('.wave[data-drawn="2"]').waitFor();
  await page.getByText('as the caller had it at').waitFor();
  await page.done();
});

test('keys are told only when asked for, and that is noted', async () => {
  const page = await openCall(hold.id, 'marks');
  await page.locator('.mark-name.hold').waitFor();
  assert.equal(await page.locator('.mark-name.dtmf').first().innerText(), 'a key');
  const listens = async () => (await rpc(page, 'AccessService/ListAudit', { target: hold.id })).body.entries?.length ?? 0;
  const before = await listens();
  await page.getByRole('button', { name: 'Show the keys pressed' }).click();
  await until(async () => (await page.locator('.mark-name.dtmf').allInnerTexts()).map((text) => text.replace('key ', '')).join('') === hold.keys, `the keys are ${hold.keys}`);
  assert.equal(await listens(), before + 1);
  await shot(page, 'call-marks');
  await page.done();
});

test('the path tells where it was lost', async () => {
  const page = await openCall(impaired.id, 'path');
  const first = page.getByRole('region', { name: 'Stream 1' });
  const text = (await first.innerText()).replace(/\s+/g, ' ');
  assert.match(text, /sender 10\.10\.0\.103 .*capture point s2 .*3\.1 % lost .*± .*capture point s1 .*receiver 10\.10\.0\.101/);
  assert.match(text, /3\.1 % lost between s2 and s1/);
  await shot(page, 'call-path');
  await page.done();
});

test('the evidence says in words why it is one call', async () => {
  const page = await openCall(impaired.id, 'evidence');
  const { body } = await rpc(page, 'CallService/GetCall', { id: impaired.id });
  const reasons = page.locator('.reason');
  await reasons.first().waitFor();
  assert.equal(await reasons.count(), body.call.evidence.length);
  const text = (await page.getByRole('tabpanel').innerText()).replace(/\s+/g, ' ');
  assert.match(text, /The same SIP dialog was seen at two places .*leg 1 at s1 ↔ leg 2 at s2/);
  assert.match(text, /The very same RTP packets were seen at two places/);
  await shot(page, 'call-evidence');
  await page.done();
});

test('quality is told per stream, capture point and time', async () => {
  const page = await openCall(impaired.id, 'quality');
  const { body } = await rpc(page, 'CallService/GetQuality', { id: impaired.id });
  await page.locator('tr.union').first().waitFor();
  assert.equal(await page.locator('tr.union').count(), body.streams.length);
  const worst = body.streams[0].observations.find((seen) => seen.sensor === 's1');
  const row = await page.getByRole('row', { name: new RegExp(`^s1 · ${worst.capturePoint}`) }).first().innerText();
  assert.ok(row.includes(`${worst.packets.lost} (`), row);
  assert.ok(row.includes(worst.rating.mosListening.toFixed(2)), row);
  await page.locator('.chart canvas').first().waitFor();
  assert.equal(await page.locator('.chart canvas').count(), 2);
  await shot(page, 'call-quality');
  await page.done();
});

test('recording, packets and the call itself can be taken away', async () => {
  const page = await openCall(impaired.id);
  const take = async (role, name) => {
    await page.locator('details.export').evaluate((menu) => { menu.open = true; });
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole(role, { name }).click()]);
    return [download.suggestedFilename(), readFileSync(await download.path())];
  };
  const begins = {
    WAV: /^RIFF....WAVE/s, 'WAV, A-law': /^RIFF....WAVE/s, FLAC: /^fLaC/, Opus: /^OggS/, MP3: /^(ID3|\xff[\xe0-\xff])/,
  };
  for (const [format, begin] of Object.entries(begins)) {
    const [, file] = await take('link', new RegExp(`Recording \\(${format}\\)`));
    assert.match(file.toString('latin1', 0, 12), begin, format);
  }
  const [, packets] = await take('link', /Packets/);
  assert.equal(packets.readUInt32LE(0), 0x0a0d0d0a);
  const [name, json] = await take('button', /JSON/);
  assert.equal(name, `${impaired.id}.json`);
  assert.equal(JSON.parse(json).id, impaired.id);
  await page.done();
});

test('tags and a note are written, kept apart from what somebody else wrote, and found', async () => {
  const page = await openCall(hold.id);
  const box = page.getByRole('region', { name: 'Tags and note' });
  await box.getByRole('button', { name: 'Add tags or a note' }).click();
  await page.getByRole('textbox', { name: 'Tags' }).fill('claim 17, vip, vip');
  await page.getByRole('textbox', { name: 'Note' }).fill('called back');
  // Somebody is faster.
  const other = await rpc(page, 'CallService/AnnotateCall', { id: hold.id, tags: ['theirs'], note: 'rang twice' });
  assert.equal(other.status, 200);
  await box.getByRole('button', { name: 'Save' }).click();
  await box.getByText('Somebody else wrote meanwhile.').waitFor();
  assert.ok((await box.getByRole('alert').innerText()).includes('rang twice'));
  await box.getByRole('button', { name: 'Put both together' }).click();
  await accessible(page, 'the form');
  await box.getByRole('button', { name: 'Save' }).click();
  await box.getByRole('button', { name: 'Change' }).waitFor();
  const { body } = await rpc(page, 'CallService/GetCall', { id: hold.id });
  assert.deepEqual(body.call.annotation.tags, ['claim 17', 'theirs', 'vip']);
  assert.equal(body.call.annotation.note, 'rang twice\ncalled back');
  await shot(page, 'call-note');
  await box.getByRole('link', { name: 'claim 17' }).click();
  await page.waitForURL('**/calls?tag=claim+17');
  await page.locator(`tr[data-call="${hold.id}"]`).waitFor();
  assert.equal(await page.locator('tr[data-call]').count(), 1);
  await page.locator(`tr[data-call="${hold.id}"]`).getByRole('link', { name: 'vip' }).waitFor();
  await page.done();
});

test('what is not there is said in words', async () => {
  const page = await open();
  await page.goto('/calls/00000000000000000000000000000000');
  await page.getByRole('alert').getByText('Not found, or not for you to see').waitFor();
  await page.goto('/calls/zz');
  await page.getByRole('alert').getByText('The collector does not accept this').waitFor();
  await page.goto('/no/such/page');
  await page.getByText('There is no such page').waitFor();
  await page.done();
});
