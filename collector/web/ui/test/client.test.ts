import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, logOut, mayPass } from '../src/api/client';
import { playbackError } from '../src/playback_error';

function answering(answer: Response | Error): void {
  globalThis.fetch = () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer));
}
const refusal = (status: number, code?: string) => new Response(JSON.stringify(code ? { code, message: 'why' } : {}), { status });

test('logging out says when it did not work', async () => {
  answering(new Response('{}'));
  await logOut();
  // The login had ended already.
  answering(refusal(401));
  await logOut();
  answering(refusal(403, 'permission_denied'));
  await assert.rejects(logOut, { code: 'permission_denied', message: 'why' });
  answering(refusal(503));
  await assert.rejects(logOut, { code: 'unavailable' });
  answering(new TypeError('Failed to fetch'));
  await assert.rejects(logOut, { code: 'offline' });
});

test('only what may pass is asked again', () => {
  for (const code of ['offline', 'unavailable', 'resource_exhausted', 'deadline_exceeded', 'unknown']) assert.ok(mayPass(new ApiError(code, '')), code);
  for (const code of ['invalid_argument', 'permission_denied', 'unauthenticated', 'not_found']) assert.ok(!mayPass(new ApiError(code, '')), code);
  assert.ok(mayPass(new TypeError('the answer was cut')));
});

test('why a recording does not play is told by whose fault it is', async () => {
  const codeOf = async (answer: Response | Error, media: number) => {
    answering(answer);
    return (await playbackError('/calls/x/audio', { code: media, message: '' })).code;
  };
  const byte = () => new Response('R', { status: 206 });
  assert.equal(await codeOf(byte(), 2), 'cut');
  assert.equal(await codeOf(byte(), 3), 'undecodable');
  assert.equal(await codeOf(byte(), 4), 'undecodable');
  assert.equal(await codeOf(refusal(401), 4), 'unauthenticated');
  assert.equal(await codeOf(refusal(404, 'not_found'), 4), 'not_found');
  assert.equal(await codeOf(new TypeError('Failed to fetch'), 2), 'offline');
});
