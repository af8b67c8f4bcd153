import type { Call } from '../api/types';

// Where anything of a call was seen, by name.
export function sitesOf(call: Call): string[] {
  const seen = [...(call.legs ?? []), ...(call.streams ?? [])].flatMap((part) => part.observations ?? []);
  return [...new Set(seen.map((one) => one.site ?? '').filter(Boolean))].sort();
}
