// What the ladder shows: columns for the parties, rows for messages and streams,
// in causal order.
import type { Call, RtcpRecord, SipRecord, Stream } from '../api/types';
import { compareTimes, exactMs, hostOf, portOf } from '../format';
import { placeNamer } from './ladder_places';
import { packetsOf, runsOf, type RtcpPacket } from './ladder_rtcp';
import { hasSdp, identityOf, isSip, methodOf, protocolName, textOf } from './sip';

export interface Seen {
  sensor: string;
  point: string;
  record: SipRecord;
}

export interface Row {
  key: string;
  // Aligned; milliseconds since the epoch.
  time: number;
  // The aligned time as the API told it.
  stamp: string;
  // Indices of columns.
  from: number;
  to: number;
  kind: 'request' | 'response' | 'error' | 'rtp' | 'rtcp';
  // "INVITE", "200 OK".
  title: string;
  // "SDP", "BYE": what makes the title clear.
  notes: string[];
  repeated: boolean;
  cut: boolean;
  // Of messages: where it was seen, first sight first.
  seen: Seen[];
  stream?: Stream;
  // Of RTCP: packets that nothing came between, by time.
  rtcp?: RtcpPacket[];
  // Names of capture points; of streams in the direction of flow.
  places: string[];
}

export interface Column {
  name: string;
  // Ports that signalling used there.
  ports: string[];
}

export interface Ladder {
  columns: Column[];
  rows: Row[];
}

// A host is a column; where two parties share one (loopback, a B2BUA with two
// ports that talks to itself), each port is.
export function columnNamer(pairs: [string, string][]): (endpoint: string) => string {
  const shared = new Set(pairs.filter(([from, to]) => from !== to && hostOf(from) === hostOf(to)).map(([from]) => hostOf(from)));
  return (endpoint) => (shared.has(hostOf(endpoint)) ? endpoint : hostOf(endpoint));
}

interface Message {
  time: number;
  stamp: string;
  source: string;
  destination: string;
  text: string;
  repeated: boolean;
  seen: Seen[];
}

// A message at several capture points is one row: the n-th time that one sees it
// is the same transmission as the n-th time that another does.
function messagesOf(records: SipRecord[]): Message[] {
  const rows = new Map<string, Message>();
  const times = new Map<string, number>();
  for (const record of records) {
    const text = textOf(record.message);
    const identity = `${record.source} ${record.destination} ${isSip(record.protocol) ? identityOf(text) : record.message}`;
    const place = `${record.sensor} ${record.capturePoint} ${identity}`;
    const nth = times.get(place) ?? 0;
    times.set(place, nth + 1);
    const stamp = record.alignedTime ?? record.time ?? '';
    const seen = { sensor: record.sensor ?? '?', point: record.capturePoint ?? '', record };
    const key = `${nth} ${identity}`;
    const row = rows.get(key);
    if (row) {
      row.seen.push(seen);
      // The fuller of two copies tells more.
      if (text.length > row.text.length) row.text = text;
    } else {
      rows.set(key, { time: exactMs(stamp), stamp, source: record.source ?? '?', destination: record.destination ?? '?', text, repeated: nth > 0, seen: [seen] });
    }
  }
  return [...rows.values()];
}

function kindOf(title: string): Row['kind'] {
  if (/^[1-3]\d\d\b/.test(title)) return 'response';
  return /^[4-6]\d\d\b/.test(title) ? 'error' : 'request';
}

function columnsOf(call: Call, ends: [string, string][], nameOf: (endpoint: string) => string): Column[] {
  const columns = new Map<string, Set<string>>();
  const add = (endpoint: string, signalling: boolean) => {
    const ports = columns.get(nameOf(endpoint)) ?? columns.set(nameOf(endpoint), new Set()).get(nameOf(endpoint))!;
    const port = endpoint.slice(endpoint.lastIndexOf(':') + 1);
    if (signalling && nameOf(endpoint) !== endpoint && endpoint.includes(':')) ports.add(port);
  };
  for (const leg of call.legs ?? []) {
    add(leg.source ?? '?', true);
    add(leg.destination ?? '?', true);
  }
  for (const [from, to] of ends) { add(from, false); add(to, false); }
  return [...columns].map(([name, ports]) => ({ name, ports: [...ports] }));
}

// Where media goes from and to. It has other ports than signalling: of parties
// that share an address, their side tells which one it is.
function mediaEnds(call: Call, stream: Stream, nameOf: (endpoint: string) => string): [string, string] {
  const [source, destination] = [stream.source ?? '?', stream.destination ?? '?'];
  const caller = call.legs?.[0]?.source;
  const callee = call.legs?.at(-1)?.destination;
  if (!caller || !callee || stream.side === undefined) return [source, destination];
  const [from, to] = stream.side === 'SIDE_CALLER' ? [caller, callee] : [callee, caller];
  const known = (endpoint: string, party: string) => (nameOf(endpoint) === endpoint && hostOf(endpoint) === hostOf(party) ? party : endpoint);
  return [known(source, from), known(destination, to)];
}

// RTCP goes to and from the ports of its stream, or those above them.
function rtcpEnds(streams: Stream[], media: [string, string][]): (endpoint: string) => string {
  const known = new Map<string, string>();
  const add = (endpoint: string | undefined, end: string) => {
    if (!endpoint || endpoint === end) return;
    known.set(endpoint, end);
    known.set(endpoint.slice(0, endpoint.lastIndexOf(':') + 1) + (Number(portOf(endpoint)) + 1), end);
  };
  streams.forEach((stream, i) => { add(stream.source, media[i]![0]); add(stream.destination, media[i]![1]); });
  return (endpoint) => known.get(endpoint) ?? endpoint;
}

const unique = (names: string[]): string[] => [...new Set(names)];

export function ladderOf(call: Call, records: SipRecord[], rtcp: RtcpRecord[] = []): Ladder {
  const messages = messagesOf(records);
  const streams = (call.streams ?? []).filter((stream) => (stream.packets ?? 0) > 0);
  const signalling = messages.map((message): [string, string] => [message.source, message.destination]);
  const nameOf = columnNamer(signalling);
  const media = streams.map((stream) => mediaEnds(call, stream, nameOf));
  const endOf = rtcpEnds(streams, media);
  const stamps = messages.map((message) => message.stamp).sort(compareTimes);
  const runs = runsOf(packetsOf(rtcp), stamps);
  const runEnds = runs.map(([first]): [string, string] => [endOf(first!.source), endOf(first!.destination)]);
  const columns = columnsOf(call, [...signalling, ...media, ...runEnds], nameOf);
  const index = new Map(columns.map((column, i) => [column.name, i]));
  const at = (endpoint: string) => index.get(nameOf(endpoint)) ?? 0;
  const placeOf = placeNamer(call, [...records, ...rtcp]);

  const rows = messages.map((message, i): Row => {
    const title = message.seen[0]?.record.summary ?? '?';
    const kind = kindOf(title);
    const method = methodOf(message.text);
    const sip = isSip(message.seen[0]?.record.protocol);
    const notes = !sip ? [protocolName(message.seen[0]?.record.protocol)] : [...(kind !== 'request' && method && method !== 'INVITE' ? [method] : []), ...(hasSdp(message.text) ? ['SDP'] : [])];
    return {
      key: `m${i}`, time: message.time, stamp: message.stamp, from: at(message.source), to: at(message.destination), kind, title, notes,
      repeated: message.repeated, cut: message.seen.every((seen) => seen.record.truncated === true), seen: message.seen,
      places: unique(message.seen.map((seen) => placeOf(seen.record))),
    };
  });
  const plain = { notes: [], repeated: false, cut: false, seen: [] };
  streams.forEach((stream, i) => rows.push({
    ...plain, key: `s${i}`, time: exactMs(stream.startTime), stamp: stream.startTime ?? '', from: at(media[i]![0]), to: at(media[i]![1]),
    kind: 'rtp', title: stream.codec || 'RTP', stream, places: unique((stream.observations ?? []).map(placeOf)),
  }));
  runs.forEach((run, i) => rows.push({
    ...plain, key: `r${run[0]!.stamp} ${run[0]!.source}`, time: exactMs(run[0]!.stamp), stamp: run[0]!.stamp, from: at(runEnds[i]![0]), to: at(runEnds[i]![1]),
    kind: 'rtcp', title: run.at(-1)!.summary, rtcp: run, places: unique(run.flatMap((packet) => packet.seen.map(placeOf))),
  }));
  // Stable: of equal times, messages keep the order that the collector gave them.
  return { columns, rows: rows.sort((a, b) => compareTimes(a.stamp, b.stamp)) };
}
