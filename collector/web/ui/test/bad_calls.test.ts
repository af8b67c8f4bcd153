import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, ListCallsRequest, ListCallsResponse, Stream } from '../src/api/types';
import { parseFilter } from '../src/calls/filter';
import { askForBad, byHosts, byNumber, bySites, findBad, limitOf, searchFor, searchHosts, searchNumber, searchSites, worstFirst, type Group } from '../src/quality/bad_calls';

const filterOf = (query: string) => parseFilter(new URLSearchParams(query));
const time = { startFrom: '2026-11-20T10:00:00.000Z', startBefore: '2026-11-27T10:00:00.000Z' };
const asked = askForBad(filterOf(''), time);

// Passed by places "sensor@site".
const stream = (leg: number, mos: number | undefined, ...places: string[]): Stream => ({
  legId: `leg${leg}`, source: '10.0.1.1:4000', destination: '10.0.2.2:4002', ...(mos !== undefined && { listeningMos: mos }),
  observations: places.map((place) => ({ sensor: place.split('@')[0]!, site: place.split('@')[1]! })),
});
const legs = [{ id: 'leg1', source: '10.0.1.1:5060', destination: '10.0.0.9:5060' }, { id: 'leg2', source: '10.0.0.9:5060', destination: '203.0.113.5:5060' }];
const call = (id: string, minute: number, caller: string, callee: string, mos: number, ...streams: Stream[]): Call => ({
  id, startTime: `2026-11-23T09:0${minute}:00Z`, caller, callee, listeningMos: mos, legs, streams,
});
const bad = [
  call('c', 3, '101', '0800', 2.5, stream(1, 4.4, 's1@berlin'), stream(2, 2.5, 's1@berlin', 's2@munich')),
  call('b', 2, '0800', '101', 1.5, stream(2, 1.5, 's2@munich', 's1@berlin')),
  call('a', 1, '102', '', 3.4, stream(1, 3.4, 's1@berlin'), stream(1, 1.2, 's1@berlin')),
];
const told = (groups: Group[]) => groups.map(({ name, calls }) => `${name.join('|')}:${calls.map(({ id }) => id).join('')}`);

test('bad calls are asked for by time, site and limit', () => {
  assert.deepEqual(asked, { ...time, maxMos: 3.5 });
  assert.deepEqual(askForBad(filterOf('site=berlin&mos-below=2,5'), time), { ...time, maxMos: 2.5, site: 'berlin' });
  assert.equal(limitOf(filterOf('mos-below=9')), '3.5');
});

test('pages of bad calls are gone through to the end, or to a bound', async () => {
  const requests: ListCallsRequest[] = [];
  const pages = (all: ListCallsResponse[]) => async (request: ListCallsRequest) => {
    requests.push(request);
    return all[requests.length - 1]!;
  };
  // A page may be empty and have one behind it; a call may come again.
  const found = await findBad(asked, pages([{ calls: [bad[0]!], nextPageToken: 'p1' }, { nextPageToken: 'p2' }, { calls: [bad[0]!, bad[1]!] }]));
  assert.deepEqual([found.calls.map(({ id }) => id), found.more], [['c', 'b'], false]);
  assert.deepEqual(requests, [{ ...asked, pageSize: 100 }, { ...asked, pageSize: 100, pageToken: 'p1' }, { ...asked, pageSize: 100, pageToken: 'p2' }]);
  requests.length = 0;
  const many = await findBad(asked, pages(Array(20).fill({ calls: bad, nextPageToken: 'more' })));
  assert.deepEqual([requests.length, many.calls.length, many.more], [10, 3, true]);
});

test('a bad call counts for both numbers, most calls first', () => {
  const groups = byNumber(bad);
  assert.deepEqual(told(groups), ['0800:cb', '101:cb', ':a', '102:a']);
  const [first] = groups;
  assert.deepEqual([first!.worst.id, first!.meanMos, first!.first, first!.last], ['b', 2, '2026-11-23T09:02:00Z', '2026-11-23T09:03:00Z']);
  assert.deepEqual(told(byNumber([call('x', 1, '101', '101', 3)])), ['101:x']);
  assert.deepEqual(worstFirst(bad).map(({ id }) => id), ['b', 'c', 'a']);
});

test('trunks and ways are those of the bad streams, in both directions', () => {
  // Worse than its call is what does not count: music on hold.
  assert.deepEqual(told(byHosts(bad, 3.5)), ['10.0.0.9|203.0.113.5:cb', '10.0.0.9|10.0.1.1:a']);
  assert.deepEqual(told(bySites(bad, 3.5)), ['berlin|munich:cb', 'berlin:a']);
  const bare = { ...call('d', 4, '10.0.1.1', '10.0.2.2', 2, { ...stream(0, 2), observations: [{ sensor: 's9' }] }), legs: [] };
  assert.deepEqual([told(byHosts([bare], 3.5)), told(bySites([bare], 3.5))], [['10.0.1.1|10.0.2.2:d'], [':d']]);
});

test('a row leads to the search that has its calls', () => {
  const query = (address: string) => Object.fromEntries(new URL(address, 'https://x').searchParams);
  const range = { from: time.startFrom, before: time.startBefore, 'mos-below': '3.5' };
  assert.deepEqual(query(searchFor(asked)), range);
  const numbers = byNumber(bad);
  assert.deepEqual(query(searchNumber(asked, numbers[1]!)), { ...range, number: '101' });
  assert.equal(searchNumber(asked, numbers[2]!), '');
  assert.deepEqual(query(searchNumber({ ...asked, site: 'munich' }, numbers[1]!)), { ...range, number: '101', site: 'munich' });
  const [trunk, phone] = byHosts(bad, 3.5);
  assert.deepEqual([query(searchHosts(asked, trunk!)).sensor, query(searchHosts(asked, phone!)).sensor], ['s1', 's1']);
  const [way, alone] = bySites(bad, 3.5);
  assert.deepEqual(query(searchSites(asked, way!)), { ...range, site: 'berlin', sensor: 's2' });
  assert.deepEqual(query(searchSites({ ...asked, site: 'munich' }, way!)), { ...range, site: 'munich', sensor: 's1' });
  assert.deepEqual(query(searchSites(asked, alone!)), { ...range, site: 'berlin' });
  // It is what the page Calls asks for.
  const filter = parseFilter(new URL(searchNumber(asked, numbers[1]!), 'https://x').searchParams);
  assert.deepEqual([filter.number, filter.mosBelow, filter.from, filter.before], ['101', '3.5', time.startFrom, time.startBefore]);
});
