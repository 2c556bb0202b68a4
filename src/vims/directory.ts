/**
 * The VIMs that the MANO's infrastructure adaptor lists, kept by a worker for all that ask.
 *
 * Invariants:
 * D1 At most one query runs at a time: all who wait share its answer.
 * D2 Nobody waits for what is known: a VIM on a list of the last hour, or that there was no list a moment ago. What is
 *    known is renewed in the background at most once a minute, and only while somebody asks.
 * D3 A VIM is reported as not listed only by a list that was queried for after, or while, it was asked for.
 */
import type { Vim } from '../shared/vim/vim.js';
import type { VimListSource } from './source.js';

/** A list, and when its query began. */
export interface VimList {
  kind: 'listed';
  vims: ReadonlyMap<string, Vim>;
  listedAtMs: number;
}

export type VimListReading = VimList | { kind: 'unavailable'; reason: string };

/** For so long a VIM on a list is known. */
const LIST_VALID_MS = 3_600_000;
/** For so long nobody asks again where there was no list. */
const UNAVAILABLE_VALID_MS = 300_000;
/** Renewed in the background when older. */
const RENEW_AFTER_MS = 60_000;

export interface VimDirectoryOptions {
  query: VimListSource;
  /** Epoch milliseconds. */
  nowMs?: () => number;
}

export class VimDirectory {
  private list: VimList | null = null;
  /** The last query, if it brought no list. */
  private failure: { reason: string; atMs: number } | null = null;
  private running: Promise<VimListReading> | null = null;
  private queriedAtMs = Number.NEGATIVE_INFINITY;
  private readonly nowMs: () => number;
  private readonly ending = new AbortController();

  constructor(private readonly options: VimDirectoryOptions) {
    this.nowMs = options.nowMs ?? Date.now;
  }

  /** Queries ahead of the first who asks. */
  start(): void {
    void this.renew();
  }

  /** Ends the query that runs. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  /** A list that tells of these VIMs (uuids in lower case). `maxAgeMs`: how old it may be, by default an hour. */
  async listFor(
    vimUuids: readonly string[],
    { maxAgeMs = LIST_VALID_MS }: { maxAgeMs?: number } = {},
  ): Promise<VimListReading> {
    const { list, failure } = this;
    const knows = list !== null && this.ageMs(list.listedAtMs) <= maxAgeMs && hasAll(list, vimUuids);
    const isFailureFresh = failure !== null && this.ageMs(failure.atMs) <= UNAVAILABLE_VALID_MS;
    if (knows || isFailureFresh) this.renewIfOld();
    if (knows) return list;
    if (isFailureFresh) return { kind: 'unavailable', reason: failure.reason };
    return await this.renew();
  }

  private renewIfOld(): void {
    if (this.ageMs(this.queriedAtMs) > RENEW_AFTER_MS) void this.renew();
  }

  private renew(): Promise<VimListReading> {
    this.running ??= this.query().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async query(): Promise<VimListReading> {
    const startedAtMs = this.nowMs();
    this.queriedAtMs = startedAtMs;
    const answer = await this.options.query(this.ending.signal);
    if (answer.kind === 'unavailable') {
      this.failure = { reason: answer.reason, atMs: this.nowMs() };
      return answer;
    }
    this.failure = null;
    const vims = new Map(answer.vims.map((vim) => [vim.uuid, vim]));
    this.list = { kind: 'listed', vims, listedAtMs: startedAtMs };
    return this.list;
  }

  private ageMs(atMs: number): number {
    return this.nowMs() - atMs;
  }
}

function hasAll({ vims }: VimList, vimUuids: readonly string[]): boolean {
  return vimUuids.every((uuid) => vims.has(uuid));
}
