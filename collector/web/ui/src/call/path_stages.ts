// The way of a stream from its sender to its receiver, by the capture points that
// saw it.
import type { CaptureLoss, Hop, Stream, StreamObservation } from '../api/types';

export interface Stretch {
  kind: 'stretch';
  // Packets lost on it, of so many; absent where nothing tells.
  lost?: number;
  of?: number;
  hop?: Hop;
  // Told by the receiver's RTCP, not measured at two points.
  reported?: boolean;
  place: 'before' | 'between' | 'after';
}

export interface Point {
  kind: 'point';
  seen: StreamObservation;
  loss?: CaptureLoss;
}

export interface End {
  kind: 'end';
  endpoint: string;
  sender: boolean;
}

export type Stage = Stretch | Point | End;

export function stagesOf(stream: Stream): Stage[] {
  const points = stream.observations ?? [];
  const before = stream.lostBefore ?? 0;
  const stages: Stage[] = [
    { kind: 'end', endpoint: stream.source ?? '?', sender: true },
    // Packets that nobody saw but the receiver: how many were sent is what came and what did not.
    { kind: 'stretch', place: 'before', ...(stream.reception || before > 0 ? { lost: before, of: (stream.packets ?? 0) + (stream.lost ?? 0), reported: true } : {}) },
  ];
  points.forEach((seen, i) => {
    if (i > 0) stages.push(between(stream, points[i - 1]!, seen));
    const loss = (stream.captureLosses ?? []).find((one) => one.sensor === seen.sensor && one.capturePoint === seen.capturePoint);
    stages.push({ kind: 'point', seen, ...(loss && { loss }) });
  });
  const reception = stream.reception;
  stages.push({ kind: 'stretch', place: 'after', ...(reception ? { lost: reception.lostAfter ?? 0, of: reception.expected ?? 0, reported: true } : {}) });
  stages.push({ kind: 'end', endpoint: stream.destination ?? '?', sender: false });
  return stages;
}

function between(stream: Stream, near: StreamObservation, far: StreamObservation): Stretch {
  const at = (seen: StreamObservation, sensor?: string, point?: string) => seen.sensor === sensor && seen.capturePoint === point;
  const hop = (stream.hops ?? []).find((one) => at(near, one.fromSensor, one.fromCapturePoint) && at(far, one.toSensor, one.toCapturePoint));
  if (!hop) return { kind: 'stretch', place: 'between' };
  return { kind: 'stretch', place: 'between', hop, lost: hop.networkLost ?? 0, of: hop.packets ?? 0 };
}
