import type { Call, CallState } from '../api/types';
import { ms } from '../format';

export const running: CallState[] = ['CALL_STATE_SETUP', 'CALL_STATE_RINGING', 'CALL_STATE_ACTIVE'];

export const isRunning = (call: Call): boolean => running.includes(call.state ?? 'CALL_STATE_UNSPECIFIED');

// Milliseconds of talk, up to now while it goes on; NaN if it was not answered.
export function talkMs(call: Call, now: number): number {
  const end = call.endTime ? ms(call.endTime) : isRunning(call) ? now : NaN;
  return end - ms(call.answerTime);
}

// "101", or the address where media has no signalling.
export const partyOf = (number: string | undefined, name: string | undefined): string => (name && name !== number ? `${number || '?'} ${name}` : number || '?');
