// What capture points are called on the ladder: by their sensor alone, as long as
// that says which one it is.
import type { Call, RtcpRecord, SipRecord } from '../api/types';

export type PlaceName = (seen: { sensor?: string; capturePoint?: string }) => string;

export const fullName: PlaceName = (seen) => (seen.capturePoint ? `${seen.sensor ?? '?'} · ${seen.capturePoint}` : seen.sensor ?? '?');

export function placeNamer(call: Call, records: (SipRecord | RtcpRecord)[]): PlaceName {
  const points = new Map<string, Set<string>>();
  const owners = [...(call.legs ?? []), ...(call.streams ?? [])];
  for (const seen of [...owners.flatMap((owner) => owner.observations ?? []), ...records]) {
    if (!seen.capturePoint) continue;
    const sensor = seen.sensor ?? '?';
    points.set(sensor, (points.get(sensor) ?? new Set()).add(seen.capturePoint));
  }
  return (seen) => ((points.get(seen.sensor ?? '?')?.size ?? 0) > 1 ? fullName(seen) : seen.sensor ?? '?');
}
