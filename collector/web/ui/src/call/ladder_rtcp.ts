// RTCP on the ladder: one packet from what several capture points saw, and one
// row for all that go the same way between two messages.
import type { RtcpRecord } from '../api/types';
import { compareTimes, exactMs } from '../format';

// More than that hide the messages: they show when asked for.
export const RTCP_UNASKED = 50;
// Clocks that are known so well still make one packet of two sightings. Who sends
// RTCP lets more time pass.
const SAME_MS = 1000;

export interface RtcpPacket {
  // As the API told it, aligned.
  stamp: string;
  source: string;
  destination: string;
  summary: string;
  // First sight first.
  seen: RtcpRecord[];
}

const stampOf = (record: RtcpRecord): string => record.alignedTime ?? record.time ?? '';
const placeOf = (record: RtcpRecord): string => `${record.sensor} ${record.capturePoint}`;

// The same packet is seen but once at a place: that tells it from the next one.
function isOf(packet: RtcpPacket, record: RtcpRecord): boolean {
  return exactMs(stampOf(record)) - exactMs(packet.stamp) <= SAME_MS && packet.seen.every((other) => placeOf(other) !== placeOf(record));
}

export function packetsOf(records: RtcpRecord[]): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  const alike = new Map<string, RtcpPacket[]>();
  for (const record of [...records].sort((a, b) => compareTimes(stampOf(a), stampOf(b)))) {
    const [source, destination, summary] = [record.source ?? '?', record.destination ?? '?', record.summary ?? '?'];
    const key = `${source} ${destination} ${summary}`;
    const before = alike.get(key) ?? [];
    const packet = before.find((one) => isOf(one, record));
    if (packet) {
      packet.seen.push(record);
      continue;
    }
    const fresh = { stamp: stampOf(record), source, destination, summary, seen: [record] };
    packets.push(fresh);
    // Of older ones nothing is to come.
    alike.set(key, [...before.filter((one) => exactMs(fresh.stamp) - exactMs(one.stamp) <= SAME_MS), fresh]);
  }
  return packets;
}

// Packets of one direction between two ends, with no message among them; by their
// first one. `messages`: stamps, ascending.
export function runsOf(packets: RtcpPacket[], messages: string[]): RtcpPacket[][] {
  const runs = new Map<string, RtcpPacket[]>();
  let gap = 0;
  for (const packet of packets) {
    while (gap < messages.length && compareTimes(messages[gap], packet.stamp) <= 0) ++gap;
    const key = `${gap} ${packet.source} ${packet.destination}`;
    const run = runs.get(key);
    if (run) run.push(packet);
    else runs.set(key, [packet]);
  }
  return [...runs.values()];
}
