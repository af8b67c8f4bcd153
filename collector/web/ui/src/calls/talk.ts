import type { Call, CallState } from '../api/types';
import { ms } from '../format';

export const running: CallState[] = ['CALL_STATE_SETUP', 'CALL_STATE_RINGING', 'CALL_STATE_ACTIVE'];

export const isRunning = (call: Call): boolean => running.includes(call.state ?? 'CALL_STATE_UNSPECIFIED');

// A clock or a capture that is further behind is not of now.
const NOW_MS = 60_000;

// Up to when a call that goes on is known: now, or the newest that was seen of
// it if that is not of now, as of a file that is being read.
function knownUntil(call: Call, now: number): number {
  const parts = [...(call.streams ?? []).map((stream) => ms(stream.endTime)), ...(call.legs ?? []).flatMap((leg) => (leg.observations ?? []).map((seen) => ms(seen.lastTime)))];
  const newest = Math.max(...parts.filter((time) => !Number.isNaN(time)));
  return Number.isFinite(newest) && Math.abs(now - newest) > NOW_MS ? newest : now;
}

// Milliseconds of talk, so far if it goes on; NaN if it was not answered.
export function talkMs(call: Call, now: number): number {
  const end = call.endTime ? ms(call.endTime) : isRunning(call) ? knownUntil(call, now) : NaN;
  return end - ms(call.answerTime);
}
