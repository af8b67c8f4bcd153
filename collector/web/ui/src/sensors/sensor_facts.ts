// What a sensor's report comes to, in a few numbers.
import type { CaptureReport, Sensor } from '../api/types';

export interface Drops {
  kernel: number;
  nic: number;
  tunnel: number;
}

export const dropsOf = (report: CaptureReport | undefined): Drops => ({
  kernel: Number(report?.kernelDrops ?? 0), nic: Number(report?.interfaceDrops ?? 0), tunnel: Number(report?.tunnelDrops ?? 0),
});

export function allDrops(sensor: Sensor): number {
  return (sensor.capturePoints ?? []).reduce((sum, point) => {
    const { kernel, nic, tunnel } = dropsOf(point.report);
    return sum + kernel + nic + tunnel;
  }, 0);
}

export interface SpoolSum {
  // Frames that wait to be sent.
  waiting: number;
  discarded: number;
}

export function spoolOf(sensor: Sensor): SpoolSum {
  return (sensor.spools ?? []).reduce((sum, spool) => ({
    // Sequences are 64 bits: the difference is small, they are not.
    waiting: sum.waiting + Number(BigInt(spool.nextSequence ?? '0') - BigInt(spool.firstSequence ?? '0')),
    discarded: sum.discarded + Number(spool.discardedFrames ?? 0),
  }), { waiting: 0, discarded: 0 });
}

// Bytes a second between two looks; NaN before the second one, and when the
// collector began to count anew.
export function rateOf(before: { at: number; bytes: number } | undefined, at: number, bytes: number): number {
  if (!before || at <= before.at || bytes < before.bytes) return NaN;
  return (bytes - before.bytes) * 1000 / (at - before.at);
}
