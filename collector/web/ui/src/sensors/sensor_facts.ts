// What a sensor's report comes to, in a few numbers.
import type { CaptureReport, Sensor, SignallingHost } from '../api/types';
import { ms } from '../format';

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

const DAY_MS = 86_400_000;
// Sensors renew their certificates by themselves, long before that.
const SOON_DAYS = 14;
const LAST_DAYS = 3;

export interface CertificateEnd {
  time: string;
  // Whole ones that are left; 0: less than one; -1: it has expired.
  days: number;
  tone: '' | 'warn' | 'bad';
}

// Null of a sensor that was given none here.
export function certificateOf(sensor: Sensor, now: number): CertificateEnd | null {
  const time = sensor.trust?.certificateExpireTime;
  const left = ms(time) - now;
  if (!time || Number.isNaN(left)) return null;
  const days = left <= 0 ? -1 : Math.floor(left / DAY_MS);
  return { time, days, tone: left < LAST_DAYS * DAY_MS ? 'bad' : left < SOON_DAYS * DAY_MS ? 'warn' : '' };
}

// Sites by name, their sensors by id.
export function bySite(sensors: Sensor[]): [string, Sensor[]][] {
  const sites = new Map<string, Sensor[]>();
  for (const sensor of sensors) sites.set(sensor.site ?? '', [...sites.get(sensor.site ?? '') ?? [], sensor]);
  const byName = (a: string, b: string) => a.localeCompare(b, undefined, { numeric: true });
  return [...sites].sort(([a], [b]) => byName(a, b)).map(([site, here]) => [site, here.sort((a, b) => byName(a.id ?? '', b.id ?? ''))]);
}

// What is worst about a sensor: lost for good is worse than away.
export function toneOf(sensor: Sensor, now: number): '' | 'good' | 'warn' | 'bad' {
  const certificate = certificateOf(sensor, now)?.tone ?? '';
  if (sensor.trust?.revokeTime || certificate === 'bad' || allDrops(sensor) > 0 || spoolOf(sensor).discarded > 0) return 'bad';
  if (certificate === 'warn') return 'warn';
  if (sensor.connected) return 'good';
  return sensor.lastSeenTime ? 'warn' : '';
}

// Who signals past a capture point.
export function seenAt(hosts: SignallingHost[], sensor: string, point: string): { servers: string[]; phones: number } {
  const here = hosts.filter((host) => (host.capturePoints ?? []).includes(`${sensor}/${point}`));
  return { servers: here.filter((host) => host.isServer).map((host) => host.address ?? '?'), phones: here.filter((host) => !host.isServer).length };
}
