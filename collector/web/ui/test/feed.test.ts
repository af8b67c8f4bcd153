import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../src/api/client';
import { Feed, GATHERED } from '../src/calls/feed';
import type { Listing } from '../src/calls/merge';

const page = (id: string): Listing => ({ calls: [{ id }], next: '' });
const change = (id: string) => ({ change: 'CHANGE_UPDATED', call: { id } }) as const;

// A feed whose questions are answered by hand.
function feed() {
  const asked: { resolve: (page: Listing) => void; reject: (error: unknown) => void }[] = [];
  const log: string[] = [];
  const waits: number[] = [];
  let retry = () => {};
  const it = new Feed({
    ask: () => new Promise((resolve, reject) => asked.push({ resolve, reject })),
    onPage: (got, anew) => log.push(`${anew ? 'anew' : 'more'} ${got.calls[0]!.id}`),
    onError: (error) => log.push((error as ApiError).code),
    onAnswer: () => {},
    later: (act, millis) => { waits.push(millis); retry = act; return () => { retry = () => {}; }; },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    it, asked, log, waits,
    retry: () => retry(),
    answer: (with_: Listing) => { asked.at(-1)!.resolve(with_); return settle(); },
    fail: (code: string) => { asked.at(-1)!.reject(new ApiError(code, '')); return settle(); },
  };
}

test('changes wait for the first page, and come after it', async () => {
  const { it, log, answer } = feed();
  it.first();
  it.add(change('a'));
  assert.deepEqual(it.take(), []);
  await answer(page('1'));
  it.add(change('b'));
  assert.deepEqual(it.take().map((one) => one.call?.id), ['a', 'b']);
  assert.deepEqual(it.take(), []);
  assert.deepEqual(log, ['anew 1']);
});

test('a first page that fails is asked for again, later each time, and gathers nothing', async () => {
  const { it, asked, log, waits, retry, answer, fail } = feed();
  it.first();
  it.add(change('old'));
  for (const code of ['unavailable', 'resource_exhausted', 'offline']) {
    await fail(code);
    it.add(change('lost'));
    retry();
  }
  assert.equal(asked.length, 4);
  assert.deepEqual(waits, [1000, 2000, 4000]);
  await answer(page('1'));
  assert.deepEqual(it.take(), []);
  assert.deepEqual(log, ['unavailable', 'resource_exhausted', 'offline', 'anew 1']);
  // It begins to wait anew.
  it.first();
  await fail('unavailable');
  assert.equal(waits.at(-1), 1000);
  // What is shown stays current meanwhile.
  it.add(change('c'));
  assert.equal(it.take().length, 1);
});

test('what the collector does not accept is not asked again', async () => {
  const { it, asked, waits, fail } = feed();
  it.first();
  it.first();
  await fail('invalid_argument');
  assert.deepEqual([asked.length, waits.length], [1, 0]);
  it.add(change('a'));
  assert.deepEqual(it.take(), []);
});

test('whoever asks while an answer is under way gets a newer one', async () => {
  const { it, asked, log, answer } = feed();
  it.first();
  it.first();
  it.first();
  assert.equal(asked.length, 1);
  await answer(page('1'));
  assert.equal(asked.length, 2);
  await answer(page('2'));
  assert.equal(asked.length, 2);
  assert.deepEqual(log, ['anew 1', 'more 2']);
});

test('more changes than can be kept give way to a new first page', async () => {
  const { it, asked, log, answer } = feed();
  it.first();
  await answer(page('1'));
  for (let i = 0; i <= GATHERED; ++i) it.add(change(String(i)));
  assert.equal(asked.length, 2);
  it.add(change('after'));
  await answer(page('2'));
  assert.deepEqual(it.take().map((one) => one.call?.id), ['after']);
  assert.deepEqual(log, ['anew 1', 'anew 2']);
});

test('a feed that was stopped is silent', async () => {
  const { it, asked, log, retry, fail } = feed();
  it.first();
  await fail('unavailable');
  it.stop();
  retry();
  it.first();
  assert.equal(asked.length, 1);
  const other = feed();
  other.it.first();
  other.it.stop();
  await other.answer(page('1'));
  assert.deepEqual([log, other.log], [['unavailable'], []]);
});
