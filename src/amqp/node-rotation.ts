/**
 * Whose turn it is: which node of the broker is tried next, and after what pause.
 *
 * Invariants:
 * T1 Every node is tried before one is tried again.
 * T2 Within a round the next node follows at once. Between rounds there is a pause, longer where no node can be
 *    had before a person has mended something: a broker of one node is knocked on as often as one of three.
 * T3 What a node is remembered for does not grow.
 */
import { nodeOf, type BrokerUrls } from '../settings/broker-urls.js';
import type { Loss } from './connection-loss.js';

/** A session that lasted longer than this had been no failure. */
const SETTLED_MS = 10_000;
const SHORT_PAUSE_MS = 100;
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 20_000;

export interface Turn {
  url: string;
  /** Host and port. */
  node: string;
}

export class NodeRotation {
  private turn = 0;
  /** In a row. */
  private failures = 0;
  /** Of the last round. */
  private kinds: Loss['kind'][] = [];
  /** What each node said last. */
  private readonly reasons = new Map<string, string>();

  constructor(private readonly urls: BrokerUrls) {}

  current(): Turn {
    const url = this.urls[this.turn] ?? this.urls[0];
    return { url, node: nodeOf(url) };
  }

  connected(): void {
    this.reasons.clear();
  }

  /** The node is lost, or could not be had: it is the next one's turn, after the pause. */
  lost(loss: Loss, { lastedMs }: { lastedMs: number }): { pauseMs: number; isChange: boolean } {
    const { node } = this.current();
    const isChange = this.reasons.get(node) !== loss.reason;
    this.reasons.set(node, loss.reason);
    if (lastedMs > SETTLED_MS) {
      this.failures = 0;
      this.kinds = [];
    }
    this.failures += 1;
    this.kinds = [...this.kinds, loss.kind].slice(-this.urls.length);
    this.turn = (this.turn + 1) % this.urls.length;
    return { pauseMs: Math.round(this.pauseMs() * (1 + Math.random() / 2)), isChange };
  }

  private pauseMs(): number {
    if (this.failures % this.urls.length !== 0) return SHORT_PAUSE_MS;
    const rounds = this.failures / this.urls.length;
    // One that only is away may come back at any moment.
    if (this.kinds.includes('outage')) return rounds === 1 ? SHORT_PAUSE_MS : PAUSE_MS;
    return Math.min(PAUSE_MS * 2 ** (rounds - 1), LONGEST_PAUSE_MS);
  }
}
