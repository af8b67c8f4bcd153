import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, RtcpRecord, SipRecord } from '../src/api/types';
import { labelOf } from '../src/call/ladder_labels';
import { columnNamer, ladderOf } from '../src/call/ladder_rows';
import { packetsOf } from '../src/call/ladder_rtcp';
import { hasSdp, header, hexOf, identityOf, partsOf, textOf } from '../src/call/sip';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

function message(start: string, branch: string, cseq: string, sdp = false, tag = ''): string {
  return [start, `Via: SIP/2.0/UDP 10.0.0.1;branch=${branch}`, 'From: <sip:101@x>;tag=a', `To: <sip:103@x>${tag && `;tag=${tag}`}`, 'Call-ID: c1', `CSeq: ${cseq}`,
    ...(sdp ? ['Content-Type: application/sdp'] : []), '', sdp ? 'v=0' : ''].join('\r\n');
}

function record(sensor: string, time: string, from: string, to: string, text: string, summary: string): SipRecord {
  return { sensor, capturePoint: 'eth1', time, alignedTime: time, source: from, destination: to, message: base64(text), summary };
}

const at = (micros: number) => `2026-11-23T09:00:00.${String(micros).padStart(6, '0')}Z`;
const [A, P, B] = ['10.0.0.1:5060', '10.0.0.9:5060', '10.0.0.3:5060'];
const call: Call = {
  id: 'x', startTime: at(0), legs: [{ id: 'l1', source: A, destination: P }, { id: 'l2', source: P, destination: B }],
  streams: [{ id: 's1', source: '10.0.0.1:4000', destination: '10.0.0.3:4000', packets: 50, side: 'SIDE_CALLER', codec: 'PCMA', startTime: at(5), observations: [{ sensor: 's1' }, { sensor: 's2' }] }],
};

test('one row for a message at two capture points, one for each time it was sent', () => {
  const invite = message('INVITE sip:103@x SIP/2.0', 'z1', '1 INVITE', true);
  const cut = invite.slice(0, -10);
  const { rows, columns } = ladderOf(call, [
    record('s1', at(0), A, P, cut, 'INVITE'), record('s2', at(1), A, P, invite, 'INVITE'), record('s1', at(500), A, P, invite, 'INVITE'),
    record('s2', at(2), P, B, message('INVITE sip:103@y SIP/2.0', 'z2', '1 INVITE'), 'INVITE'),
  ]);
  assert.deepEqual(columns.map((column) => column.name), ['10.0.0.1', '10.0.0.9', '10.0.0.3']);
  assert.deepEqual(columns[0]!.ports, ['5060']);
  assert.deepEqual(rows.map((row) => [row.title, row.from, row.to, row.places.join()]), [['INVITE', 0, 1, 's1,s2'], ['INVITE', 1, 2, 's2'], ['PCMA', 0, 2, 's1,s2'], ['INVITE', 0, 1, 's1']]);
  assert.deepEqual(rows.map((row) => row.repeated), [false, false, false, true]);
  // What a cut copy lacks, the whole one tells.
  assert.deepEqual(rows[0]!.notes, ['SDP']);
});

test('rows are in causal order: by aligned time to the nanosecond, then as they came', () => {
  const ringing = message('SIP/2.0 180 Ringing', 'z1', '1 INVITE');
  const ok = message('SIP/2.0 200 OK', 'z1', '2 BYE', false, 'b');
  const same = '2026-11-23T09:00:00.000100500Z';
  const { rows } = ladderOf({ ...call, streams: [] }, [
    { ...record('s1', at(300), P, A, ringing, '180 Ringing'), alignedTime: same },
    { ...record('s2', at(100), P, A, ok, '200 OK'), alignedTime: '2026-11-23T09:00:00.000100499Z' },
    { ...record('s1', at(100), A, P, message('ACK x SIP/2.0', 'z3', '1 ACK'), 'ACK'), alignedTime: same },
  ]);
  assert.deepEqual(rows.map((row) => row.title), ['200 OK', '180 Ringing', 'ACK']);
  assert.deepEqual(rows[0]!.notes, ['BYE']);
  assert.deepEqual(rows.map((row) => row.kind), ['response', 'response', 'request']);
});

test('refusals stand out', () => {
  const { rows } = ladderOf({ ...call, streams: [] }, [record('s1', at(1), P, A, message('SIP/2.0 486 Busy Here', 'z1', '1 INVITE'), '486 Busy Here')]);
  assert.equal(rows[0]!.kind, 'error');
});

test('two parties on one address have a column each, media goes to theirs', () => {
  const [X, Y] = ['127.0.0.1:5060', '127.0.0.1:5062'];
  const own: Call = { legs: [{ source: X, destination: Y }], streams: [{ source: '127.0.0.1:6000', destination: '127.0.0.1:6002', packets: 1, side: 'SIDE_CALLEE', startTime: at(9) }] };
  const { columns, rows } = ladderOf(own, [record('s1', at(0), X, Y, message('INVITE y SIP/2.0', 'z', '1 INVITE'), 'INVITE')]);
  assert.deepEqual(columns.map((column) => column.name), [X, Y]);
  assert.deepEqual([rows[1]!.from, rows[1]!.to], [1, 0]);
  assert.equal(columnNamer([[A, P]])(A), '10.0.0.1');
});

const report = (sensor: string, micros: number, from: string, to: string, summary: string): RtcpRecord => ({ sensor, capturePoint: 'eth1', time: at(micros), alignedTime: at(micros), source: from, destination: to, summary });

test('RTCP of one direction is one row between two messages, with what was said last', () => {
  const [a, b] = ['10.0.0.1:4001', '10.0.0.3:4001'];
  const bye = message('BYE sip:103@x SIP/2.0', 'z5', '2 BYE');
  const rtcp = [
    report('s1', 100, a, b, 'SR SDES'), report('s2', 101, a, b, 'SR SDES'), report('s2', 150, b, a, 'RR: 1 % lost'), report('s1', 151, b, a, 'RR: 1 % lost'),
    report('s1', 200, a, b, 'RR: 2 % lost'), report('s1', 600, a, b, 'BYE'),
  ];
  const { rows } = ladderOf(call, [record('s1', at(0), A, P, message('INVITE sip:103@x SIP/2.0', 'z1', '1 INVITE'), 'INVITE'), record('s1', at(500), A, P, bye, 'BYE')], rtcp);
  assert.deepEqual(rows.map((row) => labelOf(row).replace(/,.*packets/, '')), ['INVITE', 'RTP PCMA', 'RTCP × 2, last RR: 2 % lost', 'RTCP RR: 1 % lost', 'BYE', 'RTCP BYE']);
  const runs = rows.filter((row) => row.kind === 'rtcp');
  assert.deepEqual(runs.map((row) => [row.from, row.to, row.places.join()]), [[0, 2, 's1,s2'], [2, 0, 's2,s1'], [0, 2, 's1']]);
  assert.deepEqual(runs[0]!.rtcp!.map((packet) => [packet.summary, packet.seen.length]), [['SR SDES', 2], ['RR: 2 % lost', 1]]);
  // Nobody asked for it: not even its hosts have columns.
  assert.deepEqual(ladderOf({ legs: call.legs! }, [], []).rows, []);
});

test('the same report is another packet when its place sees it again, or much later', () => {
  const seen = (sensor: string, second: number): RtcpRecord => ({ ...report(sensor, 0, 'a:1', 'b:1', 'SR'), alignedTime: `2026-11-23T09:00:0${second}Z` });
  assert.deepEqual(packetsOf([seen('s1', 1), seen('s1', 1), seen('s2', 1), seen('s2', 1)]).map((packet) => packet.seen.length), [2, 2]);
  assert.deepEqual(packetsOf([seen('s2', 7), seen('s1', 1)]).map((packet) => packet.seen.map((one) => one.sensor).join()), ['s1', 's2']);
});

test('RTCP of parties that share an address goes to their columns', () => {
  const [X, Y] = ['127.0.0.1:5060', '127.0.0.1:5062'];
  const own: Call = { legs: [{ source: X, destination: Y }], streams: [{ source: '127.0.0.1:6000', destination: '127.0.0.1:6002', packets: 1, side: 'SIDE_CALLEE', startTime: at(9) }] };
  const { columns, rows } = ladderOf(own, [record('s1', at(0), X, Y, message('INVITE y SIP/2.0', 'z', '1 INVITE'), 'INVITE')], [report('s1', 20, '127.0.0.1:6001', '127.0.0.1:6003', 'SR')]);
  assert.deepEqual(columns.map((column) => column.name), [X, Y]);
  assert.deepEqual([rows[2]!.kind, rows[2]!.from, rows[2]!.to], ['rtcp', 1, 0]);
});

test('a capture point is named where its sensor has several in the call', () => {
  const invite = message('INVITE sip:103@x SIP/2.0', 'z1', '1 INVITE');
  const records = [record('s1', at(0), A, P, invite, 'INVITE'), { ...record('s1', at(1), A, P, invite, 'INVITE'), capturePoint: 'eth2' }, record('s2', at(2), A, P, invite, 'INVITE')];
  assert.deepEqual(ladderOf({ ...call, streams: [] }, records).rows[0]!.places, ['s1 · eth1', 's1 · eth2', 's2']);
  const elsewhere: Call = { ...call, streams: [{ ...call.streams![0]!, observations: [{ sensor: 's2', capturePoint: 'eth9' }] }] };
  assert.deepEqual(ladderOf(elsewhere, records.slice(2)).rows.map((row) => row.places.join()), ['s2 · eth1', 's2 · eth9']);
});

test('other signalling is what it is: the same bytes, and no SIP', () => {
  const sccp = (sensor: string, text: string, micros: number): SipRecord => ({ ...record(sensor, at(micros), A, P, text, 'CallState RingIn'), protocol: 'SIGNALLING_PROTOCOL_SCCP' });
  const { rows } = ladderOf({ ...call, streams: [] }, [sccp('s1', '\u0001\u0002', 1), sccp('s2', '\u0001\u0002', 2), sccp('s1', '\u0001\u0003', 3)]);
  assert.deepEqual(rows.map((row) => [row.places.join(), row.notes.join()]), [['s1,s2', 'SCCP'], ['s1', 'SCCP']]);
  assert.equal(hexOf(base64('SCCP\u0000 and more than a line')).split('\n')[0], '0000  53 43 43 50 00 20 61 6e 64 20 6d 6f 72 65 20 74  SCCP. and more t');
});

test('a call without signalling has its streams, one without anything nothing', () => {
  assert.equal(ladderOf({ ...call, legs: [] }, []).rows.length, 1);
  assert.deepEqual(ladderOf({}, []), { columns: [], rows: [] });
});

test('SIP is read as it is written, whatever it is', () => {
  const text = 'INVITE x SIP/2.0\r\nv: SIP/2.0/UDP h\r\n ;branch=z9\r\ni: c\r\nCSeq: 1 INVITE\r\n\r\nf: <not a header>';
  assert.equal(header(text, 'via'), 'SIP/2.0/UDP h ;branch=z9');
  assert.equal(header(text, 'from'), '');
  assert.equal(identityOf(text), 'INVITE z9 1 INVITE c  ');
  assert.equal(hasSdp(text), false);
  assert.equal(textOf(base64('<script>alert(1)</script> é')), '<script>alert(1)</script> é');
  assert.equal(textOf(undefined), '');
  assert.equal(textOf(Buffer.from([0xff, 0x41]).toString('base64')), '\ufffdA');
  const parts = partsOf('OPTIONS x SIP/2.0\r\nTo: a:b\r\n\r\na: body');
  assert.deepEqual(parts.flat().map((part) => part.kind), ['start', 'name', 'value', 'body', 'body']);
  assert.equal(parts.map((line) => line.map((part) => part.text).join('')).join('\n'), 'OPTIONS x SIP/2.0\nTo: a:b\n\na: body');
});
