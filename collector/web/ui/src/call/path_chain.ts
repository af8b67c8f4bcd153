// One way of speech through the network: the streams that a PBX or relay passes on
// to each other, from phone to phone.
import type { Call, Side, Stream } from '../api/types';
import { exactMs, hostOf } from '../format';
import { stagesOf, type Point, type Stretch } from './path_stages';

export interface Node {
  kind: 'node';
  // Unknown: nothing tells whether it is a phone.
  what: 'phone' | 'relay' | 'unknown';
  at: 'sender' | 'between' | 'receiver';
  // Of phones.
  number: string;
  side: 'caller' | 'callee' | '';
  // One, or where a relay takes in and where it sends out.
  endpoints: string[];
}

export type ChainStage = Node | Stretch | Point;

export interface Chain {
  side: Side;
  // In the direction of flow.
  streams: Stream[];
  stages: ChainStage[];
}

const sideOf = (stream: Stream): Side => stream.side ?? 'SIDE_UNSPECIFIED';
const firstSeen = (stream: Stream) => stream.observations?.[0];
const lastSeen = (stream: Stream) => stream.observations?.at(-1);
const hosts = (...endpoints: (string | undefined)[]): string[] => endpoints.filter((one) => one).map(hostOf);
// As the capture points next to them saw the ends: NAT may lie between.
const sourceHosts = (stream: Stream) => hosts(stream.source, firstSeen(stream)?.source);
const destinationHosts = (stream: Stream) => hosts(stream.destination, lastSeen(stream)?.destination);

// Hosts that signal on towards others what was signalled to them. A phone that
// consults before it transfers does both, too, but with its PBX only.
function signallingRelays(call: Call): Set<string> {
  const peers = new Map<string, Set<string>>();
  const [from, to] = [new Set<string>(), new Set<string>()];
  for (const leg of call.legs ?? []) {
    const [source, destination] = [hostOf(leg.source), hostOf(leg.destination)];
    from.add(source);
    to.add(destination);
    peers.set(source, (peers.get(source) ?? new Set()).add(destination));
    peers.set(destination, (peers.get(destination) ?? new Set()).add(source));
  }
  return new Set([...from].filter((host) => to.has(host) && peers.get(host)!.size > 1));
}

// Streams that have the same payloads, whatever their addresses are.
function relayedPairs(call: Call): Set<string> {
  const owners = new Map((call.streams ?? []).flatMap((stream) => (stream.observations ?? []).map((seen): [string, string] => [seen.id ?? '', stream.id ?? ''])));
  return new Set((call.evidence ?? []).filter((one) => one.kind === 'EVIDENCE_KIND_RELAYED_PAYLOAD')
    .flatMap(({ first, second }) => [[first, second], [second, first]].map((pair) => pair.map((id) => owners.get(id ?? '')).join(' '))));
}

// By legs, which go from the caller to the callee: positive if `next` is further on
// in the direction of flow, 0 if nothing tells.
function order(call: Call, stream: Stream, next: Stream): number {
  const at = ({ legId }: Stream) => (legId ? (call.legs ?? []).findIndex((leg) => leg.id === legId) : -1);
  const [here, there] = [at(stream), at(next)];
  if (here < 0 || there < 0 || sideOf(stream) === 'SIDE_UNSPECIFIED') return 0;
  return sideOf(stream) === 'SIDE_CALLEE' ? here - there : there - here;
}

// For how long both flow, in milliseconds; without times, long enough.
function overlap(a: Stream, b: Stream): number {
  const shared = Math.min(exactMs(a.endTime), exactMs(b.endTime)) - Math.max(exactMs(a.startTime), exactMs(b.startTime));
  return Number.isNaN(shared) ? 1 : shared;
}

interface Joint {
  stream: Stream;
  next: Stream;
  proven: boolean;
  shared: number;
}

function jointOf(call: Call, stream: Stream, next: Stream, relayed: Set<string>): Joint | null {
  if (stream === next || sideOf(stream) !== sideOf(next)) return null;
  const [way, shared] = [order(call, stream, next), overlap(stream, next)];
  if (way < 0 || shared <= 0) return null;
  const proven = relayed.has(`${stream.id} ${next.id}`);
  const there = sourceHosts(next);
  const touches = destinationHosts(stream).some((host) => there.includes(host));
  // What comes back to the sender is the other direction, unless legs say that all
  // of them are on one machine.
  const returns = sourceHosts(stream).some((host) => destinationHosts(next).includes(host));
  if (way === 0 && returns) return null;
  return touches || (proven && way > 0) ? { stream, next, proven, shared } : null;
}

// Each stream goes on in at most one, and comes of at most one: the likeliest first.
function jointsOf(call: Call): Map<Stream, Stream> {
  const streams = call.streams ?? [];
  const relayed = relayedPairs(call);
  const all = streams.flatMap((stream) => streams.flatMap((next) => jointOf(call, stream, next, relayed) ?? []));
  all.sort((a, b) => Number(b.proven) - Number(a.proven) || b.shared - a.shared);
  const joints = new Map<Stream, Stream>();
  const taken = new Set<Stream>();
  const endOf = (stream: Stream): Stream => { const next = joints.get(stream); return next ? endOf(next) : stream; };
  for (const { stream, next } of all) {
    if (joints.has(stream) || taken.has(next) || endOf(next) === stream) continue;
    joints.set(stream, next);
    taken.add(next);
  }
  return joints;
}

const numberOf = (uri: string | undefined): string => /^(?:sips?:|tel:)?([^@;>]+)/i.exec(uri ?? '')?.[1] ?? '';

// Who is at an end: by the leg of the party on that side, else by where other legs
// signal from and to.
function partyAt(call: Call, stream: Stream, at: 'sender' | 'receiver'): { number: string; side: Node['side'] } {
  const legs = call.legs ?? [];
  const caller = (sideOf(stream) === 'SIDE_CALLER') === (at === 'sender');
  const side = sideOf(stream) === 'SIDE_UNSPECIFIED' ? '' : caller ? 'caller' : 'callee';
  const [outerCaller, outerCallee] = [legs[0], legs.at(-1)];
  if (stream.legId && side === 'caller' && stream.legId === outerCaller?.id) return { number: call.caller ?? '', side };
  if (stream.legId && side === 'callee' && stream.legId === outerCallee?.id) return { number: call.callee ?? '', side };
  const here = at === 'sender' ? sourceHosts(stream) : destinationHosts(stream);
  for (const leg of legs) {
    if (here.includes(hostOf(leg.source))) return { number: (leg === outerCaller && call.caller) || numberOf(leg.callerUri), side };
    if (here.includes(hostOf(leg.destination))) return { number: (leg === outerCallee && call.callee) || numberOf(leg.calleeUri), side };
  }
  return { number: '', side };
}

function endNode(call: Call, stream: Stream, at: 'sender' | 'receiver', relays: Set<string>): Node {
  const endpoint = (at === 'sender' ? stream.source : stream.destination) ?? '?';
  if (relays.has(hostOf(endpoint))) return { kind: 'node', what: 'relay', at, number: '', side: '', endpoints: [endpoint] };
  const { number, side } = partyAt(call, stream, at);
  return { kind: 'node', what: number ? 'phone' : 'unknown', at, number, side, endpoints: [endpoint] };
}

function stagesOfChain(call: Call, streams: Stream[], relays: Set<string>): ChainStage[] {
  const stages: ChainStage[] = [endNode(call, streams[0]!, 'sender', relays)];
  streams.forEach((stream, i) => {
    if (i > 0) stages.push({ kind: 'node', what: 'relay', at: 'between', number: '', side: '', endpoints: [streams[i - 1]!.destination ?? '?', stream.source ?? '?'] });
    for (const stage of stagesOf(stream)) if (stage.kind !== 'end') stages.push(stage);
  });
  return [...stages, endNode(call, streams.at(-1)!, 'receiver', relays)];
}

const sides: Side[] = ['SIDE_CALLER', 'SIDE_CALLEE', 'SIDE_UNSPECIFIED'];

// The caller's speech first, then the callee's; those that began first, first.
export function chainsOf(call: Call): Chain[] {
  const joints = jointsOf(call);
  const continued = new Set(joints.values());
  const relays = signallingRelays(call);
  for (const [stream, next] of joints) for (const host of hosts(stream.destination, next.source)) relays.add(host);
  const chains = (call.streams ?? []).filter((stream) => !continued.has(stream)).map((first): Chain => {
    const streams = [first];
    for (let next = joints.get(first); next; next = joints.get(next)) streams.push(next);
    return { side: sideOf(first), streams, stages: stagesOfChain(call, streams, relays) };
  });
  return chains.sort((a, b) => sides.indexOf(a.side) - sides.indexOf(b.side) || (exactMs(a.streams[0]!.startTime) - exactMs(b.streams[0]!.startTime) || 0));
}
