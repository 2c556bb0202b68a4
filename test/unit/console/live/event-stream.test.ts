/** A stream as a client has it: what it is sent, when it does not read, and when it may no longer. */
import { fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventLog, type LoggedEvent } from '../../../../src/console/live/event-log.js';
import { EventStreams, type StreamOptions } from '../../../../src/console/live/event-stream.js';
import type { Watcher } from '../../../../src/console/live/feed.js';

let watcher: Watcher;
let hasLeft: boolean;
let mayStay: boolean;

const feed = {
  watch: (given: Watcher) => {
    watcher = given;
    return () => (hasLeft = true);
  },
} as unknown as StreamOptions['feed'];

beforeEach(() => {
  [hasLeft, mayStay] = [false, true];
});

afterEach(() => {
  vi.useRealTimers();
});

async function opened() {
  const streams = new EventStreams();
  const app = fastify();
  app.get('/events', (_request, reply) => streams.open(reply, { feed, lastId: '', mayStay: () => mayStay }));
  const response = await app.inject({ url: '/events', payloadAsStream: true });
  const stream = response.stream();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { response, stream, text: () => text };
}

const event = (data: unknown): LoggedEvent => new EventLog().append('progress', data);

describe('an event stream', () => {
  it('says when to come back, and sends events as they come', async () => {
    const { response, text } = await opened();
    watcher.send(event({ state: 'RUNNING' }));
    await vi.waitFor(() => expect(text()).toContain('data:{"state":"RUNNING"}'));
    expect(text()).toMatch(/^retry: ?1000$/m);
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
  });

  it('ends when nothing more will come, and leaves the feed', async () => {
    const { stream } = await opened();
    watcher.end();
    await vi.waitFor(() => expect(stream.destroyed).toBe(true));
    expect(hasLeft).toBe(true);
  });

  it('is closed when its client does not read: what waits for it is bounded', async () => {
    const { stream } = await opened();
    stream.pause();
    const large = event('x'.repeat(1_000_000));
    for (let nth = 0; nth < 20 && !hasLeft; nth += 1) {
      watcher.send(large);
      await Promise.resolve();
    }
    await vi.waitFor(() => expect(hasLeft).toBe(true));
  });

  it('gives a slow client the rest, although time passes after its end', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { stream, text } = await opened();
    stream.pause();
    watcher.send(event('x'.repeat(1_000_000)));
    watcher.end();
    await vi.advanceTimersByTimeAsync(15_000);
    watcher.send(event('too late'));
    stream.resume();
    await vi.waitFor(() => expect(stream.destroyed).toBe(true));
    expect(text()).toMatch(/x"\s*$/);
    expect(text().length).toBeGreaterThan(1_000_000);
  });

  it('is kept open by beats, and closed for who may no longer read', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { stream, text } = await opened();
    await vi.advanceTimersByTimeAsync(15_000);
    await vi.waitFor(() => expect(text()).toMatch(/^event: ?beat$/m));
    mayStay = false;
    await vi.advanceTimersByTimeAsync(15_000);
    await vi.waitFor(() => expect(stream.destroyed).toBe(true));
  });
});
