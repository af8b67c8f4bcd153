import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../src/api/types';
import { t, setLanguage, tn } from '../src/i18n';
import { de } from '../src/i18n/de';
import { en, type Key } from '../src/i18n/en';
import { sitesOf } from '../src/calls/sites';
import { codeOf } from '../src/audit/codes';
import { Begun, busiest, follow, newestFirst, tally } from '../src/live/counts';
import { allDrops, rateOf, spoolOf } from '../src/sensors/sensor_facts';
import { shareIn } from '../src/route';
import { homeOf, mayOpen, rolesFor } from '../src/session';

test('both languages put the same values in', () => {
  const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();
  for (const key of Object.keys(en) as Key[]) {
    assert.equal(holes(de[key]), holes(en[key]), key);
    assert.equal(de[key] === '', (en[key] as string) === '', key);
  }
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
});

test('texts choose their number, and name what is newer than they', () => {
  setLanguage('en');
  assert.equal(tn('calls.count', 1), '1 call');
  assert.equal(tn('calls.count', 1234), '1,234 calls');
  assert.equal(t('state.CALL_STATE_PARKED' as Key), 'CALL_STATE_PARKED');
  setLanguage('de');
  assert.equal(tn('calls.count', 1234), '1.234 Anrufe');
  setLanguage('en');
});

const call = (id: string, sites: string[], more: Partial<Call> = {}): Call => ({
  id, state: 'CALL_STATE_ACTIVE', startTime: `2026-11-23T09:00:0${id}Z`, legs: [{ observations: sites.map((site) => ({ site })) }], ...more,
});

test('calls in progress are counted by site', () => {
  const current = new Map<string, Call>();
  follow(current, { change: 'CHANGE_UPDATED', call: call('1', ['berlin', 'bonn']) });
  follow(current, { change: 'CHANGE_UPDATED', call: call('2', ['berlin']) });
  assert.deepEqual(tally([...current.values()], sitesOf), [['berlin', 2], ['bonn', 1]]);
  assert.deepEqual(newestFirst(current.values()).map((one) => one.id), ['2', '1']);
  follow(current, { change: 'CHANGE_UPDATED', call: call('2', ['berlin'], { state: 'CALL_STATE_COMPLETED' }) });
  follow(current, { change: 'CHANGE_MERGED', call: { id: '1' }, mergedInto: '2' });
  assert.equal(current.size, 0);
});

test('calls that just began are counted where they were seen, for a minute', () => {
  const now = Date.parse('2026-11-23T09:00:30Z');
  const begun = new Begun();
  const told = (one: Call, known = false) => begun.take({ change: 'CHANGE_UPDATED', call: one }, known, now);
  const counts = () => busiest([call('1', ['berlin'])], begun.calls(), sitesOf).map(({ name, inProgress, begun: fresh }) => [name, inProgress, fresh]);
  told(call('1', ['berlin']));
  told(call('2', ['bonn'], { state: 'CALL_STATE_UNANSWERED' }));
  told(call('3', ['bonn'], { startTime: '2026-11-23T08:59:00Z' }));
  told(call('4', ['bonn']), true);
  assert.deepEqual(counts(), [['berlin', 1, 1], ['bonn', 0, 1]]);
  // Another sensor tells that it saw it, too.
  told(call('2', ['bonn', 'essen']), true);
  assert.deepEqual(counts(), [['berlin', 1, 1], ['bonn', 0, 1], ['essen', 0, 1]]);
  begun.take({ change: 'CHANGE_MERGED', call: { id: '2' }, mergedInto: '1' }, false, now);
  assert.deepEqual(counts(), [['berlin', 1, 1]]);
  assert.equal(begun.forget(now), false);
  assert.equal(begun.forget(now + 31_000), true);
  assert.deepEqual(begun.calls(), []);
});

test('outcomes in the audit log have words', () => {
  for (const language of ['en', 'de'] as const) {
    setLanguage(language);
    for (let status = 0; status <= 16; ++status) assert.doesNotMatch(t(`code.${codeOf(status)!}`), /_/);
  }
  setLanguage('en');
  assert.equal(t(`code.${codeOf(7)!}`), 'not allowed');
  assert.equal(codeOf(99), undefined);
});

test('sensors add up', () => {
  const sensor = {
    capturePoints: [{ report: { kernelDrops: '3', interfaceDrops: '2' } }, { report: { tunnelDrops: '1' } }, {}],
    spools: [{ firstSequence: '9007199254740993', nextSequence: '9007199254740996', discardedFrames: '4' }, { firstSequence: '5', nextSequence: '5' }],
  };
  assert.equal(allDrops(sensor), 6);
  assert.deepEqual(spoolOf(sensor), { waiting: 3, discarded: 4 });
  assert.equal(rateOf({ at: 1000, bytes: 500 }, 3000, 2500), 1000);
  // The collector was started anew, or this is the first look.
  assert.ok(Number.isNaN(rateOf({ at: 1000, bytes: 500 }, 3000, 100)));
  assert.ok(Number.isNaN(rateOf(undefined, 3000, 100)));
});

test('roles open the pages that docs/access.md gives them', () => {
  const pages = ['calls', 'call', 'live', 'completeness', 'sensors', 'audit', 'settings'] as const;
  const opened = (role: 'ROLE_GUEST' | 'ROLE_VIEWER' | 'ROLE_OPERATOR' | 'ROLE_AUDITOR' | 'ROLE_ADMIN') => pages.filter((page) => mayOpen({ name: 'x', role }, page)).join();
  assert.equal(opened('ROLE_VIEWER'), 'calls,call,live,completeness,settings');
  assert.equal(opened('ROLE_OPERATOR'), 'calls,call,live,completeness,sensors,settings');
  assert.equal(opened('ROLE_AUDITOR'), 'audit,settings');
  assert.equal(opened('ROLE_ADMIN'), pages.join());
  assert.equal(opened('ROLE_GUEST'), 'call,settings');
  assert.equal(homeOf({ name: 'x', role: 'ROLE_AUDITOR' }), '/audit');
  assert.equal(homeOf({ name: 'x', role: 'ROLE_GUEST', calls: ['ab'] }), '/calls/ab');
  assert.deepEqual(rolesFor('audit'), ['ROLE_AUDITOR', 'ROLE_ADMIN']);
});

test('the secret of a shared link is known by its form', () => {
  assert.equal(shareIn('#share=cbt_aZ0-_'), 'cbt_aZ0-_');
  for (const hash of ['', '#share=', '#share=cbt_a b', '#share=abc', '#x#share=cbt_a']) assert.equal(shareIn(hash), '', hash);
});
