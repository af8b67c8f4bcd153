import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DayCompleteness } from '../src/api/types';
import { hasShare, parseDays, searchFor, sharesBySite, startBefore, startFrom, totals, unheard } from '../src/completeness/wholeness';

const of = (date: string, site: string, whole: number, answered: number): DayCompleteness => ({
  date, site, answered: String(answered), counts: [{ wholeness: 'WHOLENESS_WHOLE', calls: String(whole) }, { wholeness: 'WHOLENESS_ONE_WAY', calls: String(answered - whole) }],
});

test('whole and answered calls add up', () => {
  assert.deepEqual(totals([of('2026-11-23', 'berlin', 3, 4), of('2026-11-24', 'bonn', 1, 1), { date: '2026-11-25' }]), { whole: 4, answered: 5 });
});

test('the days of the address are whole ones of the viewer, whatever the clocks do', () => {
  const now = new Date('2026-11-27T10:00:00Z');
  assert.deepEqual(parseDays(new URLSearchParams(), now), { from: '2026-11-21', to: '2026-11-27' });
  assert.deepEqual(parseDays(new URLSearchParams('from=2026-10-25&to=2026-10-25'), now), { from: '2026-10-25', to: '2026-10-25' });
  assert.deepEqual(parseDays(new URLSearchParams('from=2026-12-01&to=2026-11-01'), now), { from: '2026-11-01', to: '2026-12-01' });
  assert.deepEqual(parseDays(new URLSearchParams('from=yesterday&to=2026-13-45'), now), { from: '2026-11-21', to: '2026-11-27' });
  // Summer time ends on that day: it has 25 hours.
  const days = { from: '2026-10-25', to: '2026-10-25' };
  assert.equal(startFrom(days), '2026-10-24T22:00:00.000Z');
  assert.equal(startBefore(days), '2026-10-25T23:00:00.000Z');
});

test('numbers lead to their calls', () => {
  const query = new URL(searchFor(of('2026-11-23', 'berlin', 3, 4), 'WHOLENESS_LOSSY'), 'https://x').searchParams;
  assert.deepEqual([...query], [['from', '2026-11-22T23:00:00.000Z'], ['before', '2026-11-23T23:00:00.000Z'], ['state', 'active,completed'], ['flag', 'capture-loss'], ['site', 'berlin']]);
  assert.ok(!searchFor(of('2026-11-23', '', 3, 4)).includes('site='));
});

test('the picture has a line a site, with gaps where nothing was answered', () => {
  const days = [of('2026-11-24', 'berlin', 1, 2), of('2026-11-23', 'berlin', 4, 4), of('2026-11-24', 'bonn', 9, 9)];
  assert.deepEqual(sharesBySite(days), { dates: ['2026-11-23', '2026-11-24'], sites: [{ site: 'bonn', shares: [null, 100] }, { site: 'berlin', shares: [100, 50] }] });
  const many = Array.from({ length: 9 }, (_, i) => of('2026-11-23', `s${i}`, 1, i + 1));
  assert.deepEqual(sharesBySite(many).sites.map((one) => one.site), ['s8', 's7', 's6', 's5', 's4']);
});

test('no share is told where media were deleted', () => {
  const old = { ...of('2026-11-23', 'berlin', 1, 2), counts: [{ wholeness: 'WHOLENESS_WHOLE' as const, calls: '1' }, { wholeness: 'WHOLENESS_MEDIA_DELETED' as const, calls: '1' }] };
  assert.deepEqual([hasShare(old), hasShare(of('2026-11-24', 'berlin', 1, 2))], [false, true]);
  assert.deepEqual(sharesBySite([old, of('2026-11-24', 'berlin', 1, 2)]).sites, [{ site: 'berlin', shares: [null, 50] }]);
});

test('phones are never heard that had calls and are no server', () => {
  const hosts = [{ address: '1', calls: 2 }, { address: '2', calls: 2, callsHeard: 1 }, { address: '3', calls: 2, isServer: true }, { address: '4' }];
  assert.deepEqual(unheard(hosts).map((host) => host.address), ['1']);
});
