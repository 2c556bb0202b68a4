/**
 * Where a campaign stands and all its items, kept in memory and brought up to date with few queries.
 *
 * Invariants: one reading asks for the progress, for the items that have begun or ended since, and for one page more: so
 * every item is right after as many readings as it has pages, and what runs, ends or fails is right at once. All pages
 * are read when items were added or another generation began.
 */
import { WorkflowNotFoundError } from '@temporalio/client';
import type { CampaignClient } from '../../client/campaign-client.js';
import { ITEMS_PAGE_SIZE } from '../../shared/campaign/contract.js';
import type {
  AuditEntry,
  CampaignItemView,
  CampaignProgress,
  CampaignResult,
  ItemState,
} from '../../shared/campaign/views.js';
import { campaignLabel } from '../../shared/names.js';
import { UnreadablePayloadError } from '../../codec/unreadable-payload.js';
import { temporalProblem } from '../../client/connection-errors.js';
import { SharedAnswers } from '../shared-answers.js';
import type { Reading, Source, Trouble } from './feed.js';

/** What is shown of a campaign. */
export interface CampaignView {
  workflowId: string;
  name: string;
  /** Temporal's. */
  status: string;
  isRunning: boolean;
  closedAt: string | null;
  /** Null: no worker has told it. */
  progress: CampaignProgress | null;
  /** Without its items, which have a route of their own; null: it has none (yet). */
  result: CampaignResult | null;
  /** How it ended, where it ended without a result. */
  failure: { type: string | null; message: string } | null;
}

export interface ItemsRequest {
  /** The index to begin with. */
  from: number;
  limit: number;
  /** Undefined: all. */
  states: readonly ItemState[] | undefined;
}

/** That are kept; those of the largest campaign, and some that are asked for by state. */
const MOST_PAGES = 16;
/** Of no time at all a worker would tell all items. */
const BEFORE_ALL = '1970-01-01T00:00:00.000Z';
/** For so long an audit trail that was read is given to others. */
const AUDIT_VALID_MS = 2_000;

export class CampaignSource implements Source {
  private view: CampaignView | null = null;
  private readonly items = new Map<number, CampaignItemView>();
  private readonly pages = new Map<string, Buffer>();
  private hasAllItems = false;
  /** Of the first of the runs that went on in each other; null: nothing was read. */
  private firstRunId: string | null = null;
  /** What the next page of the round begins with. */
  private nextPage = 0;
  /** The latest start or end that is known. */
  private latestAt = BEFORE_ALL;
  private readonly audited = new SharedAnswers<AuditEntry[]>(AUDIT_VALID_MS);
  /** Whether the last failure came after Temporal had answered. */
  private isWorkerSilent = false;

  constructor(
    private readonly campaigns: CampaignClient,
    readonly workflowId: string,
  ) {}

  snapshot(): CampaignView | null {
    return this.view;
  }

  /** After a reading, even one that failed, Temporal's part is known. */
  known(): CampaignView {
    if (this.view === null) throw new Error(`${this.workflowId} was not read`);
    return this.view;
  }

  /** Whether a worker has told them once. */
  get knowsItems(): boolean {
    return this.hasAllItems;
  }

  /** A page as it goes over the wire, made once for all who ask for it until an item changes. */
  itemsPage({ from, limit, states }: ItemsRequest): Buffer {
    const key = JSON.stringify([from, limit, states]);
    const present = this.pages.get(key);
    if (present !== undefined) return present;
    const all = this.allItems().filter(({ state }) => states?.includes(state) ?? true);
    const later = all.filter(({ index }) => index >= from);
    const page = { items: later.slice(0, limit), total: all.length, nextIndex: later[limit]?.index ?? null };
    if (this.pages.size >= MOST_PAGES) this.pages.clear();
    const made = Buffer.from(JSON.stringify(page));
    this.pages.set(key, made);
    return made;
  }

  /** Who ordered what; one query serves all who ask at a time. */
  async audit(): Promise<AuditEntry[]> {
    if (this.view?.result != null) return this.view.result.audit;
    return await this.audited.get('audit', () => this.campaigns.audit(this.workflowId));
  }

  async read(): Promise<Reading> {
    this.isWorkerSilent = false;
    const { status, closeTime, raw } = await this.campaigns.describe(this.workflowId);
    this.noteRun(raw.workflowExecutionInfo?.firstRunId ?? '');
    const isRunning = status.name === 'RUNNING';
    this.isWorkerSilent = true;
    const before = this.view;
    this.view ??= { ...this.viewOf(status.name), isRunning };
    if (!isRunning) {
      const closedAt = closeTime?.toISOString() ?? null;
      const { changed, ...end } = await this.readEnd();
      this.view = { ...this.viewOf(status.name), isRunning, closedAt, ...end };
      return { events: eventsOf({ changed }), isOver: true };
    }
    const progress = await this.campaigns.progress(this.workflowId);
    const changed = await this.readItems(progress, before?.progress ?? null);
    // Whoever sees the progress finds its items, too.
    this.view = { ...this.viewOf(status.name), isRunning, progress };
    const isSame = JSON.stringify(progress) === JSON.stringify(before?.progress);
    return { events: eventsOf({ changed, ...(!isSame && { progress }) }), isOver: false };
  }

  troubleOf(error: unknown): Omit<Trouble, 'since'> {
    if (!this.isWorkerSilent)
      return { what: 'temporal', message: `Temporal does not answer: ${temporalProblem(error)}` };
    if (error instanceof UnreadablePayloadError) return { what: 'worker', message: error.message };
    return {
      what: 'worker',
      message: 'no worker answers: is `vnf-migrator worker` running on this task queue?',
    };
  }

  isGone(error: unknown): boolean {
    return error instanceof WorkflowNotFoundError || error instanceof StartedAnewError;
  }

  /** Items of another campaign are no items of this one. @throws StartedAnewError */
  private noteRun(firstRunId: string): void {
    this.firstRunId ??= firstRunId;
    if (this.firstRunId !== firstRunId) throw new StartedAnewError(`${this.workflowId} was started anew`);
  }

  private viewOf(status: string): CampaignView {
    const { workflowId, view } = this;
    const { progress = null } = view ?? {};
    return {
      ...{ workflowId, name: campaignLabel(workflowId), status, isRunning: false, closedAt: null },
      ...{ progress, result: null, failure: null },
    };
  }

  /** The last progress is good to know, and no worker is needed for the rest. */
  private async readEnd(): Promise<
    Pick<CampaignView, 'progress' | 'result' | 'failure'> & { changed: CampaignItemView[] }
  > {
    this.isWorkerSilent = false;
    const ending = await this.campaigns.ending(this.workflowId);
    const progress =
      (await this.campaigns.progress(this.workflowId).catch(() => null)) ?? this.view?.progress ?? null;
    if (ending.kind === 'error') {
      const { type, message } = ending.error;
      const changed = await this.readAllItems().catch(() => []);
      // One that failed by itself had none: its specification was wrong.
      this.hasAllItems ||= type !== null;
      return { progress, result: null, failure: { type, message }, changed };
    }
    const { items } = ending.result;
    this.hasAllItems ||= items !== null;
    const changed = items === null ? await this.readAllItems().catch(() => []) : this.keep(items);
    return { progress, result: { ...ending.result, items: null }, failure: null, changed };
  }

  /** Those that have changed. */
  private async readItems(
    progress: CampaignProgress,
    before: CampaignProgress | null,
  ): Promise<CampaignItemView[]> {
    const isOther = before?.planned !== progress.planned || before.generation !== progress.generation;
    if (!this.hasAllItems || isOther) {
      const changed = await this.readAllItems();
      return changed;
    }
    const since = await this.campaigns.items(this.workflowId, { changedSince: this.latestAt });
    const page = await this.campaigns.itemsPage(this.workflowId, { fromIndex: this.nextPage });
    this.nextPage = page.nextIndex ?? 0;
    return this.keep([...since, ...page.items]);
  }

  private async readAllItems(): Promise<CampaignItemView[]> {
    const changed = this.keep(await this.campaigns.items(this.workflowId));
    this.hasAllItems = true;
    return changed;
  }

  private keep(items: readonly CampaignItemView[]): CampaignItemView[] {
    const changed = new Map<number, CampaignItemView>();
    for (const item of items) {
      if (JSON.stringify(this.items.get(item.index)) === JSON.stringify(item)) continue;
      this.items.set(item.index, item);
      changed.set(item.index, item);
      for (const at of [item.startedAt, item.finishedAt])
        if (at !== null && at > this.latestAt) this.latestAt = at;
    }
    if (changed.size > 0) this.pages.clear();
    return [...changed.values()];
  }

  /** In the order of their indexes. */
  private allItems(): CampaignItemView[] {
    return [...this.items.values()].sort((left, right) => left.index - right.index);
  }
}

function eventsOf({
  progress,
  changed,
}: {
  progress?: CampaignProgress;
  changed: CampaignItemView[];
}): Reading['events'] {
  return [
    ...(progress === undefined ? [] : [{ name: 'progress', data: progress }]),
    ...(changed.length === 0 ? [] : [{ name: 'items', data: { items: changed } }]),
  ];
}

/** Another campaign has its workflow id now. */
class StartedAnewError extends Error {
  override readonly name = 'StartedAnewError';
}

/** Of one answer of the route of items. */
export const LARGEST_PAGE = 5 * ITEMS_PAGE_SIZE;
