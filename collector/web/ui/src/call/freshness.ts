// How often a call is asked for again while its page is looked at.
import type { Call } from '../api/types';
import { isRunning } from '../calls/talk';
import { ms } from '../format';

const RUNNING_MS = 2500;
const SETTLING_MS = 10_000;
// What sensors still have of a call that is over comes by then, as a rule, with
// its last figures; later things come with the next look at the page.
const SETTLED_MS = 5 * 60_000;

// Milliseconds; 0: not again. `changed`: when the page last saw it become
// another, for a call that ended long ago may just be read from a file; NaN: it
// did not.
export function askAgainMs(call: Call, changed: number, now: number): number {
  if (isRunning(call)) return RUNNING_MS;
  const isNew = (time: number) => now - time < SETTLED_MS;
  return isNew(ms(call.endTime)) || isNew(changed) ? SETTLING_MS : 0;
}
