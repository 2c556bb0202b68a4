/**
 * The feeds that somebody watches, or has asked lately.
 *
 * Invariants: there is one feed a workflow id, so that what is asked of a workflow does not grow with the number of those
 * who watch; one that nobody uses is given up, and its memory with it. There are never more than so many.
 */
import { Problem } from '../problem.js';
import { Feed, type FeedOptions, type Source } from './feed.js';

const SWEEP_MS = 5_000;
/** Each holds all items of its campaign. */
const MOST_FEEDS = 200;

export interface Fed<Kind extends Source> {
  feed: Feed;
  source: Kind;
}

export class Feeds<Kind extends Source> {
  private readonly feeds = new Map<string, Fed<Kind>>();
  private readonly sweeping: NodeJS.Timeout;

  constructor(
    private readonly sourceOf: (workflowId: string) => Kind,
    private readonly options: FeedOptions = {},
  ) {
    this.sweeping = setInterval(() => this.sweep(), SWEEP_MS);
    this.sweeping.unref();
  }

  /** @throws Problem if too many are watched */
  of(workflowId: string): Fed<Kind> {
    const present = this.feeds.get(workflowId);
    // One that stopped reading knows only what was.
    if (present !== undefined && !present.feed.isStopped && !present.feed.isIdle(Date.now())) return present;
    this.drop(workflowId);
    this.sweep(MOST_FEEDS - 1);
    if (this.feeds.size >= MOST_FEEDS)
      throw new Problem('too-many', `${MOST_FEEDS} others are watched already: close some of their pages`);
    const source = this.sourceOf(workflowId);
    const fed = { feed: new Feed(source, this.options), source };
    this.feeds.set(workflowId, fed);
    return fed;
  }

  /** Ends one, because another run of its id began, or because more may be known now. */
  drop(workflowId: string): void {
    this.feeds.get(workflowId)?.feed.stop();
    this.feeds.delete(workflowId);
  }

  get watcherCount(): number {
    return [...this.feeds.values()].reduce((count, { feed }) => count + feed.watcherCount, 0);
  }

  stop(): void {
    clearInterval(this.sweeping);
    for (const workflowId of [...this.feeds.keys()]) this.drop(workflowId);
  }

  /** Beyond `most`, those that nobody watches go before their time. */
  private sweep(most = MOST_FEEDS): void {
    const nowMs = Date.now();
    for (const [workflowId, { feed }] of this.feeds) {
      const isTooMany = this.feeds.size > most && feed.watcherCount === 0;
      if (isTooMany || feed.isIdle(nowMs)) this.drop(workflowId);
    }
  }
}
