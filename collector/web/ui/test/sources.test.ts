import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, Side, Stream } from '../src/api/types';
import { askAgainMs } from '../src/call/freshness';
import { choiceOf, endOf, linkAt, placeIn, sourceOf, startOf, streamsIn } from '../src/call/sources';

const at = (seconds: number) => new Date(Date.parse('2026-11-23T09:00:00Z') + seconds * 1000).toISOString();
const stream = (id: string, legId: string, side: Side, from: number, to: number): Stream => ({ id, legId, side, startTime: at(from), endTime: at(to), packets: 100 });

// Two legs at a PBX, which plays something of its own to the caller until the
// callee, who speaks from 3 s on, is put through.
const call: Call = {
  id: 'c1',
  legs: [{ id: 'l1', source: '10.0.0.1:5060', destination: '10.0.0.9:5060' }, { id: 'l2', source: '10.0.0.9:5060', destination: '10.0.0.2:5060' }],
  streams: [
    stream('caller1', 'l1', 'SIDE_CALLER', 5, 60), stream('caller2', 'l2', 'SIDE_CALLER', 5.02, 60),
    stream('callee1', 'l1', 'SIDE_CALLEE', 8, 60), stream('callee2', 'l2', 'SIDE_CALLEE', 3, 61),
    { id: 'fax', transport: 'MEDIA_TRANSPORT_UDPTL', startTime: at(0), endTime: at(99) },
  ],
};
const ids = (source: string) => streamsIn(call, choiceOf(source, false)).map((one) => one.id);

test('a choice of what is heard goes to the control and back', () => {
  for (const source of ['', 'caller', 'callee', '6e0f']) {
    for (const gaps of [false, true]) {
      const choice = choiceOf(source, gaps);
      assert.equal(sourceOf(choice), source);
      assert.equal(choice.noConcealment ?? false, gaps);
      // The collector refuses both together.
      assert.ok(!(choice.perspective && choice.streamId));
    }
  }
  assert.deepEqual(choiceOf('caller', true), { perspective: 'PERSPECTIVE_HEARD_BY_CALLER', noConcealment: true });
});

test('whose ear it is says which streams are heard', () => {
  assert.deepEqual(ids(''), ['caller1', 'caller2', 'callee1', 'callee2']);
  assert.deepEqual(ids('callee2'), ['callee2']);
  assert.deepEqual(ids('caller'), ['caller1', 'caller2', 'callee1']);
  assert.deepEqual(ids('callee'), ['caller2', 'callee1', 'callee2']);
});

test('a part of a call that is nowhere nearer is heard from afar', () => {
  const transferred: Call = { ...call, streams: [stream('near', 'l1', 'SIDE_CALLEE', 0, 10), stream('far', 'l2', 'SIDE_CALLEE', 9.5, 20)] };
  assert.deepEqual(streamsIn(transferred, choiceOf('caller', false)).map((one) => one.id), ['near', 'far']);
});

test('a moment keeps its place in what else may be heard', () => {
  const [whole, caller, one] = [choiceOf('', false), choiceOf('caller', false), choiceOf('callee1', false)];
  assert.equal(startOf(call, whole), Date.parse(at(3)));
  assert.equal(startOf(call, caller), Date.parse(at(5)));
  assert.equal(endOf(call, caller), Date.parse(at(60)));
  assert.equal(placeIn(call, whole, caller, 10), 8);
  assert.equal(placeIn(call, one, whole, 10), 15);
  // It was not heard then.
  assert.equal(placeIn(call, whole, one, 1), 0);
  assert.equal(placeIn({ id: 'none' }, whole, whole, 7), 7);
});

test('a link to a moment is by the time of the whole call', () => {
  assert.equal(linkAt('https://c:8443', call, choiceOf('', false), 83.9), 'https://c:8443/calls/c1?t=83');
  assert.equal(linkAt('https://c:8443', call, choiceOf('callee1', true), 83.9), 'https://c:8443/calls/c1?t=88');
  assert.equal(linkAt('https://c:8443', call, choiceOf('', false), 0.4), 'https://c:8443/calls/c1');
});

test('a call is asked for again until it has settled', () => {
  const now = Date.parse(at(0));
  const minutes = (n: number) => at(60 * n);
  assert.equal(askAgainMs({ state: 'CALL_STATE_ACTIVE', startTime: minutes(-90) }, NaN, now), 2500);
  const over = (end: number): Call => ({ state: 'CALL_STATE_COMPLETED', endTime: minutes(end) });
  assert.equal(askAgainMs(over(-1), NaN, now), 10_000);
  assert.equal(askAgainMs(over(-6), NaN, now), 0);
  // An old capture that is being read.
  assert.equal(askAgainMs(over(-9000), now - 60_000, now), 10_000);
  assert.equal(askAgainMs({ state: 'CALL_STATE_UNSPECIFIED' }, NaN, now), 0);
});
