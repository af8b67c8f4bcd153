// The doctor's words in the language of the pages, as far as there are any: else
// they are the collector's own, in English.
import type { Verdict, VerdictEvidence } from '../api/types';
import { number } from '../format';
import { language, locale } from '../i18n';
import { factInGerman, hostsInGerman, units } from '../i18n/de_facts';
import { inGerman } from '../i18n/de_doctor';

export interface VerdictWords {
  said: string;
  cure: string;
  // What the collector said, where it is told in other words.
  original: string;
}

export function wordsOf(verdict: Verdict): VerdictWords {
  const own = { said: verdict.text ?? '', cure: verdict.cure ?? '', original: '' };
  const told = language() === 'de' ? inGerman(verdict) : null;
  return told ? { ...told, original: [own.said, own.cure].filter(Boolean).join(' ') } : own;
}

export function factOf(fact: VerdictEvidence): { name: string; value: string } {
  const german = language() === 'de';
  const unit = german ? units[fact.unit ?? ''] ?? fact.unit : fact.unit;
  const value = `${number(fact.value, locale(), Number.isInteger(fact.value ?? 0) ? 0 : 1)}${unit ? ` ${unit}` : ''}`;
  return {
    name: german ? factInGerman(fact.name ?? '') : fact.name ?? '',
    value: fact.text ? (german ? hostsInGerman(fact.text) : fact.text) : value,
  };
}
