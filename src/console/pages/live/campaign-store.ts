/**
 * One campaign, live: its events, all of its items, its audit trail.
 *
 * Invariants: a snapshot begins a new reading of all items, and ends an older one. A stream that says nothing for long is
 * opened anew, because a connection may die without a word.
 */
import type { CampaignItemView, CampaignProgress } from '../../../shared/campaign/views.js';
import { ExternalStore } from '../api/external-store.js';
import { queryOf, request, segment } from '../api/http.js';
import { asProblem, type ApiProblem } from '../api/problem.js';
import type { AuditAnswer, CampaignView, ItemsAnswer } from '../api/types.js';
import { Batcher } from './batcher.js';
import {
  linkAfter,
  NOTHING_KNOWN,
  withBatch,
  withPage,
  withSnapshot,
  withView,
  type CampaignLive,
  type Trouble,
} from './campaign-state.js';
import { EventLink } from './event-link.js';

const PAGE_SIZE = 1_000;
const RETRY_MS = 3_000;
const AUDIT_EVERY_MS = 15_000;
/** Longer than the console keeps a trail for others. */
const AUDIT_IS_NEW_MS = 2_500;
const SILENCE_MS = 30_000;

export class CampaignStore {
  private readonly path: string;
  private readonly store = new ExternalStore<CampaignLive>(NOTHING_KNOWN);
  private readonly controller = new AbortController();
  private readonly batcher = new Batcher((batch) => this.store.set(withBatch(this.store.get(), batch)));
  private readonly link: EventLink;
  private readonly timer: ReturnType<typeof setInterval>;
  /** The reading of items that is under way. */
  private reading = 0;

  readonly get = this.store.get;
  readonly subscribe = this.store.subscribe;

  constructor(id: string) {
    this.path = `/campaigns/${segment(id)}`;
    this.link = new EventLink({
      path: `${this.path}/events`,
      events: {
        snapshot: (data) => this.takeSnapshot(data as CampaignView),
        progress: (data) => this.batcher.addProgress(data as CampaignProgress),
        items: (data) => this.batcher.addItems((data as { items: CampaignItemView[] }).items),
        trouble: (data) => this.change({ trouble: data as Trouble }),
        well: () => this.change({ trouble: null }),
        ended: (data) => this.takeEnd(data as CampaignView),
      },
      onOpen: () => this.change({ link: { kind: 'live' } }),
      onLost: () => this.change({ link: { kind: 'lost', sinceMs: Date.now(), reason: null } }),
      isWorthIt: () => this.readView(),
    });
    this.timer = setInterval(() => this.onInterval(), AUDIT_EVERY_MS);
    // The stream may have nothing to say yet, where the campaign cannot be read.
    void this.readView();
    void this.readAudit();
  }

  close(): void {
    this.controller.abort();
    this.link.close();
    clearInterval(this.timer);
  }

  /** What an order has answered. */
  takeAnswer(progress: CampaignProgress): void {
    this.batcher.addProgress(progress);
    void this.readAudit();
    // The console gives a trail that it has read shortly before: the order may be missing there.
    setTimeout(() => void this.readAudit(), AUDIT_IS_NEW_MS);
  }

  private change(part: Partial<CampaignLive>): void {
    this.store.set({ ...this.store.get(), ...part });
  }

  private takeSnapshot(view: CampaignView): void {
    this.batcher.flush();
    this.store.set(withSnapshot(this.store.get(), view));
    void this.readItems();
    void this.readAudit();
  }

  private takeEnd(view: CampaignView): void {
    this.batcher.flush();
    this.link.close();
    clearInterval(this.timer);
    this.store.set({ ...withView(this.store.get(), view), link: { kind: 'over' }, trouble: null });
    void this.readItems();
    void this.readAudit();
  }

  private onInterval(): void {
    void this.readAudit();
    if (this.link.silentMs > SILENCE_MS) this.link.renew();
  }

  /** False: asking again is of no use. */
  private async readView(): Promise<boolean> {
    try {
      const view = await request<CampaignView>(this.path, { signal: this.controller.signal });
      const before = this.store.get();
      // What a live stream has told is newer.
      if (before.view === null || before.link.kind !== 'live') this.store.set(withView(before, view));
      return true;
    } catch (error) {
      return !this.controller.signal.aborted && this.noteProblem(asProblem(error));
    }
  }

  private noteProblem({ code, message }: ApiProblem): boolean {
    const link = linkAfter(this.store.get().link, { code, message });
    this.change({ link });
    return link.kind !== 'refused';
  }

  private async readItems(): Promise<void> {
    const reading = ++this.reading;
    const isOver = (): boolean => this.controller.signal.aborted || reading !== this.reading;
    for (let from: number | null = 0; from !== null && !isOver();) {
      const page: ItemsAnswer | null = await this.readPage(from);
      if (page === null || isOver()) continue;
      const { items, total, nextIndex } = page;
      this.store.set(withPage(this.store.get(), { items, total, isLast: nextIndex === null }));
      from = nextIndex;
    }
  }

  /** Null: it could not be read, and a pause has passed. */
  private async readPage(from: number): Promise<ItemsAnswer | null> {
    try {
      const path = `${this.path}/items${queryOf({ from, limit: PAGE_SIZE })}`;
      return await request<ItemsAnswer>(path, { signal: this.controller.signal });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return null;
    }
  }

  private async readAudit(): Promise<void> {
    try {
      const { signal } = this.controller;
      const { entries } = await request<AuditAnswer>(`${this.path}/audit`, { signal });
      this.change({ audit: entries });
    } catch {
      // It is read again at the next interval.
    }
  }
}
