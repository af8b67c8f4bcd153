import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, Leg, Side, Stream } from '../src/api/types';
import { chainsOf, type ChainStage } from '../src/call/path_chain';

const at = (second: number) => `2026-11-23T09:00:${String(second).padStart(2, '0')}Z`;
const [A, P, B] = ['10.0.0.1', '10.0.0.9', '10.0.0.3'];
const leg = (id: string, from: string, to: string, more: Partial<Leg> = {}): Leg => ({ id, source: `${from}:5060`, destination: `${to}:5060`, ...more });
const legs = [leg('l1', A, P), leg('l2', P, B)];

function stream(id: string, side: Side, from: string, to: string, legId: string, more: Partial<Stream> = {}): Stream {
  return { id, side, legId, source: `${from}:4000`, destination: `${to}:4002`, packets: 100, startTime: at(1), endTime: at(9), observations: [{ id: `o${id}`, sensor: `s${id}` }], ...more };
}

function word(stage: ChainStage): string {
  if (stage.kind === 'node') return stage.what === 'phone' ? stage.number : `${stage.what} ${stage.endpoints.join(' ')}`;
  return stage.kind === 'point' ? `at ${stage.seen.sensor}` : '-';
}
const told = (call: Call) => chainsOf(call).map((chain) => chain.stages.map(word).join(' '));
const ids = (call: Call) => chainsOf(call).map((chain) => chain.streams.map((one) => one.id).join());
const base: Call = { caller: '101', callee: '103', legs };

test('streams through a PBX are one way in each direction, from phone to phone', () => {
  const call: Call = { ...base, streams: [
    stream('1', 'SIDE_CALLER', A, P, 'l1'), stream('2', 'SIDE_CALLEE', P, A, 'l1'), stream('3', 'SIDE_CALLER', P, B, 'l2'), stream('4', 'SIDE_CALLEE', B, P, 'l2'),
  ] };
  assert.deepEqual(told(call), ['101 - at s1 - relay 10.0.0.9:4002 10.0.0.9:4000 - at s3 - 103', '103 - at s4 - relay 10.0.0.9:4002 10.0.0.9:4000 - at s2 - 101']);
  assert.deepEqual(chainsOf(call).map((chain) => chain.stages.filter((stage) => stage.kind === 'node').map((stage) => stage.kind === 'node' && `${stage.at} ${stage.side}`.trim())),
    [['sender caller', 'between', 'receiver callee'], ['sender callee', 'between', 'receiver caller']]);
});

test('phones that speak directly have no PBX on their way, whichever leg the stream is of', () => {
  assert.deepEqual(told({ ...base, streams: [stream('1', 'SIDE_CALLER', A, B, 'l1'), stream('2', 'SIDE_CALLEE', B, A, 'l1')] }), ['101 - at s1 - 103', '103 - at s2 - 101']);
});

test('what is seen on one side only ends at the PBX', () => {
  assert.deepEqual(told({ ...base, streams: [stream('1', 'SIDE_CALLER', A, P, 'l1')] }), ['101 - at s1 - relay 10.0.0.9:4002']);
  assert.deepEqual(told({ ...base, streams: [stream('4', 'SIDE_CALLER', P, B, 'l2')] }), ['relay 10.0.0.9:4000 - at s4 - 103']);
});

test('a stream goes on in the one that flows with it', () => {
  const call: Call = { ...base, streams: [
    stream('1', 'SIDE_CALLER', A, P, 'l1', { endTime: at(4) }), stream('2', 'SIDE_CALLER', A, P, 'l1', { startTime: at(4) }),
    stream('3', 'SIDE_CALLER', P, B, 'l2', { endTime: at(4) }), stream('4', 'SIDE_CALLER', P, B, 'l2', { startTime: at(4) }),
  ] };
  assert.deepEqual(ids(call), ['1,3', '2,4']);
  // One that the PBX makes of two: the longer comes first, the other ends there.
  assert.deepEqual(ids({ ...call, streams: [call.streams![0]!, call.streams![1]!, stream('5', 'SIDE_CALLER', P, B, 'l2')] }), ['1', '2,5']);
  assert.equal(told({ ...call, streams: [call.streams![0]!, call.streams![1]!, stream('5', 'SIDE_CALLER', P, B, 'l2')] })[0], '101 - at s1 - relay 10.0.0.9:4002');
});

test('what a relay of two addresses passes on is known by its payload', () => {
  const OUT = '203.0.113.9';
  const streams = [stream('1', 'SIDE_CALLER', A, P, 'l1'), stream('2', 'SIDE_CALLER', OUT, B, 'l2')];
  assert.deepEqual(ids({ ...base, streams }), ['1', '2']);
  const evidence = [{ kind: 'EVIDENCE_KIND_RELAYED_PAYLOAD' as const, first: 'o2', second: 'o1' }];
  assert.deepEqual(told({ ...base, streams, evidence }), ['101 - at s1 - relay 10.0.0.9:4002 203.0.113.9:4000 - at s2 - 103']);
});

test('ends are told as the capture points next to them saw them', () => {
  const streams = [stream('1', 'SIDE_CALLER', A, '198.51.100.1', 'l1', { observations: [{ sensor: 's1', source: `${A}:4000`, destination: `${P}:4002` }] }), stream('2', 'SIDE_CALLER', P, B, 'l2')];
  assert.deepEqual(ids({ ...base, streams }), ['1,2']);
});

test('nothing goes in circles, and directions do not mix', () => {
  const L = '127.0.0.1';
  const local = [leg('l1', L, L), leg('l2', L, L)];
  const streams = [stream('1', 'SIDE_CALLER', L, L, 'l1'), stream('2', 'SIDE_CALLEE', L, L, 'l1'), stream('3', 'SIDE_CALLER', L, L, 'l2'), stream('4', 'SIDE_CALLEE', L, L, 'l2')];
  assert.deepEqual(ids({ ...base, legs: local, streams }), ['1,3', '4,2']);
  // Without signalling the way back is not taken for the way on.
  const bare = (id: string, from: string, to: string): Stream => ({ id, source: `${from}:1`, destination: `${to}:2`, startTime: at(1), endTime: at(9) });
  const call: Call = { caller: A, callee: B, streams: [bare('1', A, P), bare('2', P, A), bare('3', P, B), bare('4', B, P)] };
  assert.deepEqual(ids(call), ['1,3', '4,2']);
  assert.deepEqual(told(call)[0], 'unknown 10.0.0.1:1 - - relay 10.0.0.9:2 10.0.0.9:1 - - unknown 10.0.0.3:2');
  assert.deepEqual(chainsOf({}), []);
});

test('a phone that consults before it transfers is no relay, and others have their number', () => {
  const C = '10.0.0.4';
  const transfer = [leg('l1', A, P), leg('l2', P, B, { calleeUri: 'sip:103@pbx' }), leg('l3', B, P, { callerUri: 'sip:103@pbx' }), leg('l4', P, C, { calleeUri: 'sip:104@pbx;user=phone' })];
  const call: Call = { caller: '101', callee: '104', legs: transfer, streams: [stream('1', 'SIDE_CALLER', P, B, 'l2'), stream('2', 'SIDE_CALLER', P, C, 'l4')] };
  assert.deepEqual(told(call), ['relay 10.0.0.9:4000 - at s1 - 103', 'relay 10.0.0.9:4000 - at s2 - 104']);
});
