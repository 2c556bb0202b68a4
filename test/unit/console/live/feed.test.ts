/** One reader for all who watch: what it reads, when it is in trouble, and when it ends. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Feed, type Reading, type Source, type Watcher } from '../../../../src/console/live/feed.js';

/** Answers what a test queued last; counts how often it is read. */
class ScriptedSource implements Source {
  reads = 0;
  answer: () => Promise<Reading> = () => Promise.resolve({ events: [], isOver: false });
  private present: object | null = null;

  snapshot(): object | null {
    return this.present;
  }

  async read(): Promise<Reading> {
    this.reads += 1;
    const reading = await this.answer();
    this.present = { reads: this.reads };
    return reading;
  }

  troubleOf(error: unknown) {
    return { what: 'worker' as const, message: (error as Error).message };
  }

  isGone(error: unknown): boolean {
    return (error as Error).message === 'gone';
  }
}

class Client implements Watcher {
  readonly names: string[] = [];
  lastId = '';
  hasEnded = false;

  send({ id, text }: { id: string; text: string }): void {
    this.names.push(/^event: ?(.*)$/m.exec(text)?.[1] ?? '?');
    this.lastId = id;
  }

  end(): void {
    this.hasEnded = true;
  }
}

let source: ScriptedSource;
let feed: Feed;

beforeEach(() => {
  vi.useFakeTimers();
  source = new ScriptedSource();
  feed = new Feed(source, { pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) });
});

afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const tells = (name: string) => () => Promise.resolve({ events: [{ name, data: 1 }], isOver: false });

describe('a feed', () => {
  it('reads no more for two hundred who watch than for one', async () => {
    await feed.ready();
    feed.watch(new Client(), '');
    await later(10_000);
    const forOne = source.reads;
    for (let nth = 0; nth < 199; nth += 1) feed.watch(new Client(), '');
    await later(10_000);
    expect(source.reads - forOne).toBeLessThanOrEqual(forOne);
    expect(feed.watcherCount).toBe(200);
  });

  it('stops reading when nobody watches or asks', async () => {
    await feed.ready();
    const leave = feed.watch(new Client(), '');
    await later(3_000);
    leave();
    await later(30_000);
    const reads = source.reads;
    await later(60_000);
    expect(source.reads).toBe(reads);
    expect(feed.isIdle(Date.now())).toBe(true);
  });

  it('pauses nine times as long as a reading takes', async () => {
    source.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      return { events: [], isOver: false };
    };
    const ready = feed.ready();
    await later(500);
    await ready;
    feed.watch(new Client(), '');
    const before = source.reads;
    await later(20_000);
    expect(source.reads - before).toBeLessThanOrEqual(5);
  });

  it('begins with a snapshot, tells what comes, and goes on from a known id', async () => {
    await feed.ready();
    const client = new Client();
    const leave = feed.watch(client, '');
    expect(client.names).toEqual(['snapshot']);
    source.answer = tells('progress');
    await later(1_000);
    expect(client.names).toEqual(['snapshot', 'progress']);
    leave();
    await later(1_000);
    const again = new Client();
    feed.watch(again, client.lastId);
    expect(again.names).toEqual(['progress']);
    const stranger = new Client();
    feed.watch(stranger, 'another.1');
    expect(stranger.names).toEqual(['snapshot']);
  });

  it('says once what is wrong, tells it to who comes later, and says when it is over', async () => {
    await feed.ready();
    const client = new Client();
    feed.watch(client, '');
    source.answer = () => Promise.reject(new Error('no worker'));
    await later(3_000);
    expect(client.names).toEqual(['snapshot', 'trouble']);
    expect(feed.presentTrouble).toMatchObject({ what: 'worker', message: 'no worker' });
    const late = new Client();
    feed.watch(late, '');
    expect(late.names).toEqual(['snapshot', 'trouble']);
    source.answer = tells('progress');
    await later(2_000);
    expect(client.names).toEqual(['snapshot', 'trouble', 'well', 'progress', 'progress']);
    expect(feed.presentTrouble).toBeNull();
  });

  it('says that no worker answers when it was silent twice, and tries again soon', async () => {
    await feed.ready();
    const client = new Client();
    feed.watch(client, '');
    source.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      throw new Error('no worker');
    };
    await later(11_000);
    expect(client.names).toEqual(['snapshot']);
    await later(1_000);
    expect(client.names).toEqual(['snapshot', 'trouble']);
    source.answer = tells('progress');
    await later(1_000);
    expect(client.names).toEqual(['snapshot', 'trouble', 'well', 'progress']);
  });

  it('makes whoever asks during the first reading wait for all of it, though a part is known', async () => {
    let answer: (reading: Reading) => void = () => undefined;
    source.answer = () => new Promise((resolve) => (answer = resolve));
    const first = feed.ready();
    await later(0);
    vi.spyOn(source, 'snapshot').mockReturnValue({ part: true });
    let hasAll = false;
    const second = feed.ready().then(() => (hasAll = true));
    await later(500);
    expect(hasAll).toBe(false);
    answer({ events: [], isOver: false });
    await Promise.all([first, second]);
    expect(hasAll).toBe(true);
  });

  it('fails the first who asks where nothing is known, and only them', async () => {
    source.answer = () => Promise.reject(new Error('away'));
    await expect(feed.ready()).rejects.toThrow('away');
    source.answer = tells('progress');
    await feed.ready();
    expect(source.snapshot()).not.toBeNull();
  });

  it('ends for all when there is nothing more to read, and at once for who comes later', async () => {
    await feed.ready();
    const client = new Client();
    feed.watch(client, '');
    source.answer = () => Promise.resolve({ events: [], isOver: true });
    await later(1_000);
    expect(client).toMatchObject({ names: ['snapshot', 'ended'], hasEnded: true });
    const late = new Client();
    feed.watch(late, '');
    expect(late).toMatchObject({ names: ['snapshot', 'ended'], hasEnded: true });
    const reads = source.reads;
    await later(10_000);
    expect(source.reads).toBe(reads);
  });

  it('lets go of its clients when what it reads is gone', async () => {
    await feed.ready();
    const client = new Client();
    feed.watch(client, '');
    source.answer = () => Promise.reject(new Error('gone'));
    await later(1_000);
    expect(client.hasEnded).toBe(true);
    expect(feed.isStopped).toBe(true);
  });

  it('that was given up tells no end: who came too late comes back to another', async () => {
    await feed.ready();
    feed.stop();
    const client = new Client();
    feed.watch(client, '');
    expect(client).toMatchObject({ names: [], hasEnded: true });
  });

  it('reads once for who asks first', async () => {
    await feed.ready();
    expect(source.reads).toBe(1);
  });

  it('tells its end once to who missed it', async () => {
    await feed.ready();
    const client = new Client();
    source.answer = tells('progress');
    const leave = feed.watch(client, '');
    await later(1_000);
    leave();
    source.answer = () => Promise.resolve({ events: [], isOver: true });
    await later(1_000);
    const back = new Client();
    feed.watch(back, client.lastId);
    expect(back).toMatchObject({ names: ['ended'], hasEnded: true });
  });
});
