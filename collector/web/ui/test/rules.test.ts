import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldTo, keptOf, recordOf } from '../src/settings/rules';

test('media go with their call at the latest, and are not kept if they are not recorded', () => {
  assert.deepEqual(keptOf({}), { media: 0, call: 0 });
  assert.deepEqual(keptOf({ callDays: 30, record: 'all' }), { media: 30, call: 30 });
  assert.deepEqual(keptOf({ mediaDays: 7, callDays: 30 }), { media: 7, call: 30 });
  assert.deepEqual(keptOf({ callDays: 30, record: 'signalling' }), { media: null, call: 30 });
  assert.deepEqual(keptOf({ record: 'nothing' }), { media: null, call: null });
  assert.equal(recordOf({ record: '' }), 'all');
});

test('who is held to a scope sees some rules only', () => {
  assert.equal(heldTo({ name: 'ann', role: 'ROLE_ADMIN' }), false);
  assert.equal(heldTo({ name: 'bob', role: 'ROLE_OPERATOR', sites: ['berlin'] }), true);
  assert.equal(heldTo({ name: 'bob', role: 'ROLE_OPERATOR', sites: [], numbers: ['10*'] }), true);
});
