// What a rule of retention says of the calls that it fits.
import type { Session } from '../api/client';
import type { RetentionRule } from '../api/types';

export type Recorded = 'all' | 'signalling' | 'nothing';

export const recordOf = ({ record }: RetentionRule): Recorded => (record === 'signalling' || record === 'nothing' ? record : 'all');

// Days that media and calls are kept; 0: for ever, null: they are not recorded.
export interface Kept { media: number | null; call: number | null }

export function keptOf(rule: RetentionRule): Kept {
  const call = rule.callDays ?? 0;
  switch (recordOf(rule)) {
    // Media go with their call at the latest.
    case 'all': return { media: rule.mediaDays || call, call };
    case 'signalling': return { media: null, call };
    case 'nothing': return { media: null, call: null };
  }
}

// Whether somebody may see some sites or numbers only, and so some rules only.
export const heldTo = ({ sites = [], numbers = [] }: Session): boolean => sites.length + numbers.length > 0;
