import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { onLoggedOut } from '../src/api/client';
import { watch, type Link } from '../src/api/watch';

// A browser, as far as watch() uses it.
class FakeSource {
  static all: FakeSource[] = [];
  onopen = () => {};
  onmessage = (_: { data: string; lastEventId: string }) => {};
  onerror = () => {};
  closed = false;
  private end = (_: { data: string }) => {};
  constructor(readonly url: string) { FakeSource.all.push(this); }
  static get last(): FakeSource { return FakeSource.all.at(-1)!; }
  addEventListener(_: string, listener: (event: { data: string }) => void) { this.end = listener; }
  close() { this.closed = true; }
  tell(id = '') { this.onmessage({ data: '{}', lastEventId: id }); }
  finish(code?: string) { this.end({ data: JSON.stringify(code ? { code } : {}) }); }
  get token(): string | undefined { return JSON.parse(new URL(this.url, 'http://x').searchParams.get('request')!).resumeToken; }
}

let timers: { act: () => void; at: number }[] = [];
let now = 0;
const page = Object.assign(new EventTarget(), { hidden: false });
Object.assign(globalThis, {
  EventSource: FakeSource, document: page,
  window: {
    setTimeout: (act: () => void, millis: number) => timers.push({ act, at: now + millis }),
    clearTimeout: (id: number) => { if (timers[id - 1]) timers[id - 1]!.at = Infinity; },
  },
});

function pass(millis: number): void {
  now += millis;
  for (const timer of timers) if (timer.at <= now) { timer.at = Infinity; timer.act(); }
}

function show(hidden: boolean): void {
  page.hidden = hidden;
  page.dispatchEvent(new Event('visibilitychange'));
}

function begin(): { links: [Link, boolean][]; stop: () => void } {
  const links: [Link, boolean][] = [];
  return { links, stop: watch('CallService/WatchCalls', {}, () => {}, (...link) => links.push(link)) };
}

beforeEach(() => { FakeSource.all = []; timers = []; now = 0; page.hidden = false; });

test('a stream that is refused each time is asked for less and less often', () => {
  const { stop } = begin();
  const waits: number[] = [];
  for (let i = 0; i < 7; ++i) {
    FakeSource.last.onopen();
    FakeSource.last.finish('resource_exhausted');
    const before = FakeSource.all.length;
    let waited = 0;
    while (FakeSource.all.length === before) { pass(500); waited += 500; }
    waits.push(waited);
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  stop();
});

test('a message, or half a minute of life, ends the back-off', () => {
  const { stop } = begin();
  const breakAfter = (live: () => void) => {
    for (let i = 0; i < 3; ++i) { FakeSource.last.finish('unavailable'); pass(30_000); }
    FakeSource.last.onopen();
    live();
    FakeSource.last.finish();
    const before = FakeSource.all.length;
    pass(1000);
    return FakeSource.all.length - before;
  };
  assert.equal(breakAfter(() => {}), 0);
  pass(30_000);
  assert.equal(breakAfter(() => FakeSource.last.tell()), 1);
  assert.equal(breakAfter(() => pass(30_000)), 1);
  stop();
});

test('a page that nobody sees has no connection, and goes on where it was', () => {
  const { links, stop } = begin();
  FakeSource.last.onopen();
  FakeSource.last.tell('token-7');
  show(true);
  assert.ok(FakeSource.last.closed);
  pass(60_000);
  assert.equal(FakeSource.all.length, 1);
  show(false);
  assert.equal(FakeSource.last.token, 'token-7');
  FakeSource.last.onopen();
  assert.deepEqual(links.at(-1), ['live', true]);
  // What is no longer known is begun anew.
  FakeSource.last.finish('out_of_range');
  pass(1000);
  assert.equal(FakeSource.last.token, undefined);
  FakeSource.last.onopen();
  assert.deepEqual(links.at(-1), ['live', false]);
  stop();
  show(true);
  show(false);
  assert.equal(FakeSource.all.length, 3);
  assert.ok(FakeSource.last.closed);
});

test('a page that begins unseen connects when it is seen, once', () => {
  page.hidden = true;
  const { stop } = begin();
  assert.equal(FakeSource.all.length, 0);
  show(false);
  show(false);
  assert.equal(FakeSource.all.length, 1);
  // Not twice either while it waits for the next try.
  FakeSource.last.finish('unavailable');
  show(true);
  pass(60_000);
  assert.equal(FakeSource.all.length, 1);
  show(false);
  pass(60_000);
  assert.equal(FakeSource.all.length, 2);
  stop();
});

test('who is known no longer is told so, and not asked for again', () => {
  let told = 0;
  const off = onLoggedOut(() => ++told);
  const { links } = begin();
  FakeSource.last.finish('unauthenticated');
  pass(60_000);
  show(true);
  show(false);
  assert.deepEqual([told, FakeSource.all.length, links.at(-1)], [1, 1, ['away', false]]);
  off();
});
