import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, clock, compareTimes, dateTime, durationMs, exactMs, hostOf, ms, number, offset, percent, portOf, signedNs, timeOfDay, unsignedNs, utc } from '../src/format';

test('a clock counts minutes, and hours when there are any', () => {
  assert.equal(clock(9_900), '0:09');
  assert.equal(clock(725_000), '12:05');
  assert.equal(clock(3_723_000), '1:02:03');
  assert.equal(clock(NaN), '–');
  assert.equal(clock(-1), '–');
});

test('times keep their microseconds where order depends on them', () => {
  const [a, b] = ['2026-11-23T09:11:15.677716500Z', '2026-11-23T09:11:15.677716499Z'];
  assert.ok(compareTimes(a, b) > 0);
  assert.ok(compareTimes(b, a) < 0);
  assert.equal(compareTimes('2026-11-23T09:11:15.5Z', '2026-11-23T10:11:15.500+01:00'), 0);
  assert.ok(Math.abs(exactMs(a) - ms('2026-11-23T09:11:15.677Z') - 0.7165) < 0.0005);
  assert.ok(Number.isNaN(exactMs(undefined)));
  assert.ok(Number.isNaN(exactMs('yesterday')));
  assert.equal(exactMs('2026-11-23T09:11:15Z'), ms('2026-11-23T09:11:15Z'));
});

test('times show in the zone of the viewer, UTC beside', () => {
  // The tests run in Europe/Berlin.
  assert.equal(dateTime('2026-11-23T09:11:15.675910Z'), '2026-11-23 10:11:15');
  assert.equal(dateTime('2026-07-01T22:00:00Z'), '2026-07-02 00:00:00');
  assert.equal(timeOfDay('2026-11-23T09:11:15.675910Z'), '10:11:15.675');
  assert.equal(utc('2026-11-23T09:11:15.675910Z'), '2026-11-23 09:11:15.675910 UTC');
  assert.equal(dateTime(undefined), '–');
});

test('offsets have a sign and milliseconds', () => {
  assert.equal(offset(3), '+0.003');
  assert.equal(offset(-1500), '−1.500');
});

test('numbers follow the language', () => {
  assert.equal(number('1234567', 'en-GB'), '1,234,567');
  assert.equal(number(1234.5, 'de-DE', 1), '1.234,5');
  assert.equal(percent(23, 754, 'en-GB'), '3.1 %');
  assert.equal(percent(1, 2, 'de-DE'), '50 %');
  assert.equal(percent(0, 0, 'en-GB'), '–');
  assert.equal(bytes('1536000', 'en-GB'), '1.5 MB');
  assert.equal(bytes(999, 'en-GB'), '999 B');
  assert.equal(bytes(999_999, 'en-GB'), '1.0 MB');
});

test('clock offsets choose their unit', () => {
  assert.equal(signedNs('-1200', 'en-GB'), '−1 µs');
  assert.equal(signedNs('12300000', 'en-GB'), '+12.3 ms');
  assert.equal(signedNs('-2112000000000', 'en-GB'), '−2,112.000 s');
  assert.equal(unsignedNs('19000', 'en-GB'), '19 µs');
});

test('durations and endpoints', () => {
  assert.equal(durationMs('3.760599s'), 3760.599);
  assert.ok(Number.isNaN(durationMs(undefined)));
  assert.equal(hostOf('10.0.0.1:5060'), '10.0.0.1');
  assert.equal(hostOf('[2001:db8::1]:5060'), '2001:db8::1');
  assert.equal(portOf('[2001:db8::1]:5060'), '5060');
  assert.equal(hostOf(undefined), '?');
});
