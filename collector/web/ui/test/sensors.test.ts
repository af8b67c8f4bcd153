import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { Sensor, Verdict, VerdictKind } from '../src/api/types';
import { setLanguage } from '../src/i18n';
import { inGerman } from '../src/i18n/de_doctor';
import { factInGerman, factNames, hostsInGerman } from '../src/i18n/de_facts';
import { verdicts } from '../src/i18n/en_verdicts';
import { bySite, certificateOf, seenAt, toneOf } from '../src/sensors/sensor_facts';
import { factOf, wordsOf } from '../src/sensors/verdict_words';

const now = Date.parse('2026-11-23T09:00:00Z');
const until = (days: number): Sensor => ({ connected: true, trust: { certificateExpireTime: new Date(now + days * 86_400_000).toISOString() } });

test('a certificate is amber under fourteen days, red under three', () => {
  const told = (sensor: Sensor) => { const end = certificateOf(sensor, now); return end && `${end.days} ${end.tone}`; };
  assert.deepEqual([90, 14, 13.9, 3, 2.9, 0.5, 0, -4].map((days) => told(until(days))), ['90 ', '14 ', '13 warn', '3 warn', '2 bad', '0 bad', '-1 bad', '-1 bad']);
  assert.equal(told({ connected: true }), null);
  assert.deepEqual([until(90), until(5), until(1), { connected: true }, { lastSeenTime: 'x' }, {}].map((sensor) => toneOf(sensor, now)), ['good', 'warn', 'bad', 'good', 'warn', '']);
  assert.equal(toneOf({ connected: true, capturePoints: [{ report: { kernelDrops: '1' } }] }, now), 'bad');
});

test('the map has sites by name, and what is seen at each capture point', () => {
  assert.deepEqual(bySite([{ id: 's10', site: 'b' }, { id: 's2', site: 'b' }, { id: 's1', site: 'a' }, { id: 's3' }]).map(([site, here]) => [site, ...here.map((one) => one.id)]), [['', 's3'], ['a', 's1'], ['b', 's2', 's10']]);
  const hosts = [{ address: '10.0.0.9', isServer: true, capturePoints: ['s1/eth1', 's1/eth2'] }, { address: '10.0.0.1', capturePoints: ['s1/eth1'] }];
  assert.deepEqual(seenAt(hosts, 's1', 'eth1'), { servers: ['10.0.0.9'], phones: 1 });
  assert.deepEqual(seenAt(hosts, 's1', 'eth2'), { servers: ['10.0.0.9'], phones: 0 });
  assert.deepEqual(seenAt(hosts, 's2', 'eth1'), { servers: [], phones: 0 });
});

const doctor = '../../doctor';
const sources = () => readdirSync(doctor).filter((name) => name.endsWith('.cc')).map((name) => readFileSync(`${doctor}/${name}`, 'utf8').replace(/"\s*\n\s*"/g, ''));

test('German has words for all that verdicts rest on', () => {
  const names = sources().flatMap((text) => [...text.matchAll(/AddEvidence\(\s*"([^"]+)"/g), ...text.matchAll(/\badd\("([^"]+)"/g)].map((match) => match[1]!));
  assert.ok(names.length > 50);
  assert.deepEqual(names.filter((name) => !(name in factNames)), []);
  assert.equal(factInGerman('ahead of that of s2'), 'vor der von s2');
  assert.equal(factInGerman('VXLAN frames'), 'Frames in VXLAN');
  assert.equal(hostsInGerman('phone 103 (10.0.0.3, MAC 02:10), PBX 10.0.0.9 and 2 more'), 'Telefon 103 (10.0.0.3, MAC 02:10), Anlage 10.0.0.9 und 2 weitere');
});

test('each kind of verdict is told in German from all that a collector says of it', () => {
  // Every number that any verdict rests on: what a kind asks for, it has.
  const evidence = [...Object.keys(factNames), 'ahead of the collector\'s', 'VXLAN frames'].map((name) => ({ name, value: 5, text: name.startsWith('hosts') ? 'phone 103' : '' }));
  const kinds = Object.keys(verdicts).map((key) => key.slice('verdict.'.length) as VerdictKind).filter((kind) => kind !== 'VERDICT_KIND_UNSPECIFIED');
  for (const kind of kinds) {
    const told = inGerman({ kind, severity: 'SEVERITY_PROBLEM', text: 'SIP is spoken on UDP 5080', address: '10.0.0.3', evidence });
    assert.ok(told && told.said.length > 20 && told.cure.length > 20, kind);
    assert.doesNotMatch(told.said + told.cure, /undefined|NaN|\b(the|frames were)\b/, kind);
  }
  // The kinds are those of the collector.
  const used = new Set(sources().flatMap((text) => [...text.matchAll(/VERDICT_KIND_\w+/g)].map((match) => match[0])));
  assert.deepEqual([...used].filter((kind) => !(kinds as string[]).includes(kind)), []);
});

const cut: Verdict = { kind: 'VERDICT_KIND_FRAMES_CUT', text: '3 frames were cut', cure: 'Capture the file again with whole frames.', commands: ['tcpdump -s 0 -w FILE'], evidence: [{ name: 'frames cut', value: 1234, unit: 'frames' }, { name: 'longest of them', value: 1800, unit: 'bytes' }] };

test('verdicts are in the language of the pages, or as the collector says them', () => {
  setLanguage('en');
  assert.deepEqual(wordsOf(cut), { said: cut.text, cure: cut.cure, original: '' });
  assert.deepEqual(factOf(cut.evidence![0]!), { name: 'frames cut', value: '1,234 frames' });
  setLanguage('de');
  const told = wordsOf(cut);
  assert.match(told.said, /^1\.234 Frames wurden vom Mitschnitt gekürzt \(snaplen\); der längste hatte 1\.800 Byte\./);
  assert.match(told.cure, /^Die Datei noch einmal mitschneiden/);
  assert.equal(told.original, `${cut.text} ${cut.cure}`);
  assert.deepEqual(factOf(cut.evidence![0]!), { name: 'gekürzte Frames', value: '1.234 Frames' });
  // Rests on something newer, or is newer itself.
  assert.equal(wordsOf({ ...cut, evidence: [] }).said, cut.text);
  assert.equal(wordsOf({ ...cut, kind: 'VERDICT_KIND_NEWER' as VerdictKind }).said, cut.text);
  setLanguage('en');
});
