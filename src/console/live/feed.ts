/**
 * One thing that clients watch: read by one loop for all of them, told to each.
 *
 * Invariants: however many watch, it is read by one loop, which takes at most a tenth of the time of what answers it; it is
 * read only while somebody watches or asks. A feed that cannot read says so, goes on trying, and says when it can again.
 * A client that does not keep up is let go of, and comes back.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { EventLog, type LoggedEvent } from './event-log.js';

export interface Watcher {
  send(event: LoggedEvent): void;
  /** Nothing more will come. */
  end(): void;
}

/** What one reading found. */
export interface Reading {
  events: readonly { name: string; data: unknown }[];
  /** There will be nothing else to read. */
  isOver: boolean;
}

export interface Trouble {
  what: 'temporal' | 'worker';
  message: string;
  since: string;
}

/** What a feed is of. */
export interface Source {
  /** Reads once. @throws what cannot be read; the feed goes on. */
  read(): Promise<Reading>;
  /** All that is known, for a client that begins; null: nothing has been read yet. */
  snapshot(): object | null;
  troubleOf(error: unknown): Omit<Trouble, 'since'>;
  /** Whether the error says that there is no such thing (any more). */
  isGone(error: unknown): boolean;
}

const SHORTEST_PAUSE_MS = 1_000;
/** A reading that takes long asks much of the worker: the pause is so many times as long. */
const PAUSE_FACTOR = 9;
const LONGEST_PAUSE_MS = 15_000;
/** After one that failed: whoever watches waits to hear that it is over, and what did not answer had no work with it. */
const FAILED_PAUSE_MS = 1_000;
/** A campaign that goes on in another run may be silent for longer than one reading waits. */
const READINGS_OF_A_SILENT_WORKER = 2;
/** For so long it goes on after the last who asked or watched. */
const IDLE_MS = 20_000;

/** The signal ends it early. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

const pauseFor: Pause = async (ms, signal) => {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
};

/** Puts an end to a reading that nothing answers. */
export type Within = <T>(call: () => Promise<T>) => Promise<T>;

export interface FeedOptions {
  pause?: Pause;
  /** By default a reading may take as long as it does. */
  within?: Within;
}

export class Feed {
  private readonly log = new EventLog();
  private readonly watchers = new Set<Watcher>();
  private trouble: Trouble | null = null;
  /** Readings that failed since the last that did not. */
  private failures = 0;
  private running: Promise<void> | null = null;
  private firstReading: Promise<void> | null = null;
  private usedAtMs = Date.now();
  /** How it ended is known, and nothing else will come. */
  isOver = false;
  private readonly ending = new AbortController();
  private readonly pause: Pause;
  private readonly within: Within;

  constructor(
    private readonly source: Source,
    { pause = pauseFor, within = (call) => call() }: FeedOptions = {},
  ) {
    this.pause = pause;
    this.within = within;
  }

  /** Whether nobody has used it for a while. */
  isIdle(nowMs: number): boolean {
    return this.watchers.size === 0 && nowMs - this.usedAtMs > IDLE_MS;
  }

  /** Given up, which says nothing of what it is of: what is asked next needs a feed of its own. */
  get isStopped(): boolean {
    return this.ending.signal.aborted;
  }

  get watcherCount(): number {
    return this.watchers.size;
  }

  /** Reads at once if nothing has been read yet. @throws what cannot be read, if nothing is known */
  async ready(): Promise<void> {
    // First, so that the loop that begins now does not read at the same time.
    if (this.source.snapshot() === null) this.firstReading ??= this.readFirst();
    // A part of it may be known while the rest is still read.
    const reading = this.firstReading;
    this.use();
    await reading;
  }

  /** Null: it is read as it should be. */
  get presentTrouble(): Trouble | null {
    return this.trouble;
  }

  /** Sends what the client missed, or all that is known, and then what comes. The function returned ends that. */
  watch(watcher: Watcher, lastId: string): () => void {
    this.use();
    // Its end is not known: the client comes back to another feed.
    if (this.isStopped) {
      watcher.end();
      return () => undefined;
    }
    const missed = lastId === '' ? null : this.log.since(lastId);
    const snapshot = this.source.snapshot();
    if (missed !== null) for (const event of missed) watcher.send(event);
    else if (snapshot !== null) watcher.send(this.log.snapshot('snapshot', snapshot));
    if (missed === null && this.trouble !== null) watcher.send(this.log.snapshot('trouble', this.trouble));
    if (this.isOver) {
      // What was missed has the end in it.
      const hasEnd = missed !== null && missed.length > 0;
      if (snapshot !== null && !hasEnd) watcher.send(this.log.snapshot('ended', snapshot));
      watcher.end();
      return () => undefined;
    }
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
      this.use();
    };
  }

  stop(): void {
    this.ending.abort();
    for (const watcher of this.watchers) watcher.end();
    this.watchers.clear();
  }

  private use(): void {
    this.usedAtMs = Date.now();
    if (this.isOver || this.isStopped) return;
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
  }

  private async readFirst(): Promise<void> {
    try {
      this.take(await this.read());
    } catch (error) {
      // A part may be known: then it is shown, with what is wrong.
      if (this.source.snapshot() === null) throw error;
      this.sayTrouble(this.source.troubleOf(error));
    } finally {
      this.firstReading = null;
    }
  }

  private async read(): Promise<Reading> {
    return await this.within(() => this.source.read());
  }

  private async run(): Promise<void> {
    while (!this.isOver && !this.isStopped && !this.isIdle(Date.now())) {
      const startedAtMs = Date.now();
      if (this.firstReading === null) await this.readOnce();
      const pauseMs = this.failures === 0 ? pauseAfter(Date.now() - startedAtMs) : FAILED_PAUSE_MS;
      await this.pause(pauseMs, this.ending.signal);
    }
  }

  private async readOnce(): Promise<void> {
    try {
      const reading = await this.read();
      this.failures = 0;
      if (this.trouble !== null) {
        this.trouble = null;
        this.tell('well', { since: new Date().toISOString() });
      }
      this.take(reading);
    } catch (error) {
      this.failures += 1;
      const trouble = this.source.troubleOf(error);
      const mayPass = trouble.what === 'worker' && this.failures < READINGS_OF_A_SILENT_WORKER;
      if (this.source.isGone(error)) this.stop();
      else if (!mayPass || this.trouble !== null) this.sayTrouble(trouble);
    }
  }

  private take({ events, isOver }: Reading): void {
    for (const { name, data } of events) this.tell(name, data);
    if (!isOver) return;
    this.isOver = true;
    this.tell('ended', this.source.snapshot());
    for (const watcher of this.watchers) watcher.end();
    this.watchers.clear();
  }

  private sayTrouble({ what, message }: Omit<Trouble, 'since'>): void {
    if (this.trouble?.what === what && this.trouble.message === message) return;
    this.trouble = { what, message, since: this.trouble?.since ?? new Date().toISOString() };
    this.tell('trouble', this.trouble);
  }

  private tell(name: string, data: unknown): void {
    const event = this.log.append(name, data);
    for (const watcher of this.watchers) watcher.send(event);
  }
}

function pauseAfter(tookMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, tookMs * PAUSE_FACTOR));
}
