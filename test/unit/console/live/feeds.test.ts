/** One feed a workflow: how long it is kept, and how many there are. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Feeds } from '../../../../src/console/live/feeds.js';
import type { Source } from '../../../../src/console/live/feed.js';

const source = (): Source => ({
  read: () => Promise.resolve({ events: [], isOver: false }),
  snapshot: () => ({}),
  troubleOf: () => ({ what: 'worker', message: '' }),
  isGone: () => false,
});
const watcher = { send: () => undefined, end: () => undefined };
let feeds: Feeds<Source>;

beforeEach(() => {
  vi.useFakeTimers();
  feeds = new Feeds(source);
});

afterEach(() => {
  feeds.stop();
  vi.useRealTimers();
});

describe('feeds', () => {
  it('are one a workflow while it is used, and another when one was given up', () => {
    const { feed } = feeds.of('a');
    expect(feeds.of('a').feed).toBe(feed);
    feed.stop();
    expect(feeds.of('a').feed).not.toBe(feed);
  });

  it('that nobody used for long are read anew, before they are swept away', async () => {
    const { feed } = feeds.of('a');
    await feed.ready();
    vi.setSystemTime(Date.now() + 21_000);
    expect(feeds.of('a').feed).not.toBe(feed);
  });

  it('are two hundred at most: who watches one keeps it, and another is refused', () => {
    for (let nth = 0; nth < 200; nth += 1) feeds.of(`${nth}`).feed.watch(watcher, '');
    expect(() => feeds.of('one more')).toThrow(/200 others are watched/);
    expect(feeds.watcherCount).toBe(200);
  });

  it('that nobody watches make room', () => {
    for (let nth = 0; nth < 300; nth += 1) feeds.of(`${nth}`);
    expect(() => feeds.of('one more')).not.toThrow();
  });
});
