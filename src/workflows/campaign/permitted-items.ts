/**
 * The items of a campaign under the limits of its deployment: each needs a permit before it starts, and gives it back at
 * its end. Where no limits are set, nothing of this is asked or kept.
 *
 * Invariants:
 * P1 An item starts with its permit alone, and only if the campaign's own limits let it start at that time. A permit that
 *    cannot be used at once is given back.
 * P2 What is asked for counts in the campaign's own limits, until the answer is that it waits. So no more is asked for
 *    than could start, and nothing waits behind a VIM whose shared limit is reached.
 * P3 What is to be given back is kept until an exchange has told it, from run to run.
 */
import {
  MOST_PERMITS_A_CALL,
  type PermitAnswer,
  type PermitMove,
  type PermitWait,
} from '../../shared/limits/contract.js';
import { isUuid } from '../../shared/compact-uuid.js';
import type { ItemState, WaitReason } from '../../shared/campaign/views.js';
import type { Item, StartingItem } from './item.js';
import { TimedItems } from './timed-items.js';

/** What is known of a permit that was asked for. Of those, `held` alone does not count in the campaign's own limits. */
type Ask = { kind: 'new' | 'sent' | 'granted' } | { kind: 'held'; reason: PermitWait };

/** One exchange with the limits of the deployment. */
export interface Exchange {
  wanted: PermitMove[];
  unwanted: string[];
  released: string[];
  inUse: PermitMove[];
}

/** While items wait, the limits are asked again this often: a signal may find no receiver. */
const ASK_AGAIN_MS = 300_000;

export class PermittedItems extends TimedItems {
  private readonly asks = new Map<Item, Ask>();
  /** Of an exchange that is under way. */
  private sent: Item[] | null = null;
  /** Those that ran already, and were told to it. */
  private adopted: Item[] = [];
  /** Ids that were granted during it. */
  private readonly early = new Set<string>();

  /** Limits of the deployment were set or cleared: an exchange tells which. */
  limitsChanged(): void {
    this.facts.shared ??= { released: [], unwanted: [], askedAtMs: null };
    this.facts.shared.askedAtMs = null;
    this.seq += 1;
  }

  /** When an exchange is to begin; null: not now. */
  exchangeDueMs(nowMs: number): number | null {
    const { shared } = this.facts;
    if (shared === undefined || this.sent !== null) return null;
    const hasNews = this.asking('new').length > 0 || this.unleased().length > 0;
    if (shared.askedAtMs === null || this.owesPermits || hasNews) return nowMs;
    return this.asking('held').length > 0 ? shared.askedAtMs + ASK_AGAIN_MS : null;
  }

  /** Something is to be given back. */
  get owesPermits(): boolean {
    const { released = [], unwanted = [] } = this.facts.shared ?? {};
    return released.length + unwanted.length > 0;
  }

  /** Nothing is under way, or to be given back: the campaign may end. */
  get isEvenWithLimits(): boolean {
    return !this.isExchanging && !this.owesPermits;
  }

  get isExchanging(): boolean {
    return this.sent !== null;
  }

  /** Each exchange is answered with `exchanged` or `notExchanged`. */
  beginExchange(): Exchange {
    const { released = [], unwanted = [] } = this.facts.shared ?? {};
    this.sent = this.asking('new');
    for (const item of this.sent) this.asks.set(item, { kind: 'sent' });
    this.adopted = this.unleased();
    for (const item of this.adopted) item.hasPermit = true;
    return {
      wanted: this.sent.map(moveOf),
      unwanted: unwanted.slice(0, MOST_PERMITS_A_CALL),
      released: released.slice(0, MOST_PERMITS_A_CALL),
      inUse: this.adopted.map(moveOf),
    };
  }

  exchanged(
    { released, unwanted }: Exchange,
    { answer, atMs }: { answer: PermitAnswer; atMs: number },
  ): void {
    const { shared } = this.facts;
    const sent = this.sent ?? [];
    this.sent = null;
    if (shared === undefined) return;
    if (answer.kind === 'none') {
      this.limitsWent();
      this.settle(atMs);
      return;
    }
    shared.askedAtMs = atMs;
    shared.released = shared.released.filter((vnf) => !released.includes(vnf));
    shared.unwanted = shared.unwanted.filter((vnf) => !unwanted.includes(vnf));
    this.hear(sent, answer);
    this.noteHolds();
    this.settle(atMs);
  }

  /** The same is sent again. */
  notExchanged(): void {
    for (const item of this.sent ?? []) if (this.asks.has(item)) this.asks.set(item, { kind: 'new' });
    for (const item of this.adopted) item.hasPermit = false;
    this.sent = null;
    this.early.clear();
    this.seq += 1;
  }

  /** The signal of the limits: what waited may start. */
  permitsGranted(vnfUuids: readonly string[], atMs: number): void {
    if (this.facts.shared === undefined) return;
    for (const vnf of vnfUuids) this.grant(vnf);
    this.noteHolds();
    this.settle(atMs);
  }

  /** Gives back what cannot be used now, and asks for nothing: nothing may start, or the run ends. */
  withdraw(): void {
    // It is called at every step of a campaign that may start nothing.
    if (this.facts.shared === undefined) return;
    for (const item of [...this.asks.keys()]) {
      if (this.asks.get(item)?.kind === 'sent') continue;
      this.drop(item);
      this.queue(item);
    }
    this.noteHolds();
  }

  override waitReasonOf(item: Item): WaitReason | null {
    const ask = this.asks.get(item);
    if (ask === undefined || item.state !== 'WAITING') return super.waitReasonOf(item);
    if (this.pause !== null) return 'paused';
    return this.timeGate.reason ?? (ask.kind === 'held' ? ask.reason : 'shared-total-limit');
  }

  /** The next item that may start, with its permit where one is needed; what needs one is asked for. */
  protected takeNext(): StartingItem | null {
    if (this.facts.shared === undefined) return this.scheduler.take(this.limitsNow);
    while (this.asks.size < MOST_PERMITS_A_CALL) {
      const item = this.scheduler.take(this.limitsNow);
      if (item === null) break;
      item.isAsked = true;
      this.asks.set(item, { kind: 'new' });
      this.scheduler.occupy(item);
      this.seq += 1;
    }
    const [granted] = this.asking('granted');
    if (granted?.target == null) return null;
    this.asks.delete(granted);
    granted.isAsked = false;
    // `enter` counts it again.
    this.scheduler.release(granted);
    return Object.assign(granted, { target: granted.target });
  }

  protected override enter(item: Item, change: { state: ItemState; atMs: number }): void {
    if (this.asks.has(item)) this.drop(item);
    super.enter(item, change);
    if (item.hasPermit && change.state !== 'RUNNING') this.giveBack(item);
  }

  private unleased(): Item[] {
    return [...this.running].filter(({ hasPermit }) => !hasPermit).slice(0, MOST_PERMITS_A_CALL);
  }

  private asking(kind: Ask['kind']): Item[] {
    return [...this.asks].flatMap(([item, ask]) => (ask.kind === kind ? [item] : []));
  }

  private hear(sent: readonly Item[], { granted, waiting }: PermitAnswer & { kind: 'held' }): void {
    const reasons = new Map(waiting.map(({ vnfUuid, reason }) => [vnfUuid, reason]));
    for (const item of sent) {
      const reason = reasons.get(item.present);
      if (this.asks.get(item)?.kind !== 'sent') {
        if (reason === undefined) this.facts.shared?.released.push(item.present);
      } else if (reason === undefined) this.use(item);
      else {
        this.asks.set(item, { kind: 'held', reason });
        this.scheduler.release(item);
      }
    }
    for (const vnf of [...granted, ...this.early]) this.grant(vnf);
    this.early.clear();
    this.compare(reasons);
  }

  /** What waits there and what waits here are the same. */
  private compare(reasons: ReadonlyMap<string, PermitWait>): void {
    const known = new Set<string>();
    for (const item of this.asking('held')) {
      known.add(item.present);
      const reason = reasons.get(item.present);
      if (reason !== undefined) this.asks.set(item, { kind: 'held', reason });
      else {
        // It was granted, and given back: it is asked for anew.
        this.forget(item);
        this.queue(item);
      }
    }
    // What was granted after the answer was made may run by now.
    const isStray = (vnf: string): boolean => !known.has(vnf) && this.itemOf(vnf)?.hasPermit !== true;
    for (const vnf of reasons.keys()) if (isStray(vnf)) this.facts.shared?.unwanted.push(vnf);
  }

  private grant(vnf: string): void {
    const item = this.itemOf(vnf);
    const ask = item?.present === vnf ? this.asks.get(item) : undefined;
    if (item === undefined || ask === undefined) {
      // Of one that runs with it, this is old news.
      if (item?.present !== vnf || !item.hasPermit) this.facts.shared?.released.push(vnf);
    } else if (ask.kind === 'sent') this.early.add(vnf);
    else if (ask.kind === 'held') {
      if (this.scheduler.isBusy(item.service)) {
        this.facts.shared?.released.push(vnf);
        this.forget(item);
        this.queue(item);
        return;
      }
      this.scheduler.occupy(item);
      this.asks.set(item, { kind: 'sent' });
      this.use(item);
    }
  }

  /** A permit that has come: the item starts within this step, if anything may. It counts in the limits already. */
  private use(item: Item): void {
    item.hasPermit = true;
    this.asks.set(item, { kind: 'granted' });
    if (!this.isBlocked && this.isWithinLimits(item)) return;
    this.drop(item);
    this.queue(item);
  }

  private isWithinLimits(item: Item): boolean {
    return item.state === 'WAITING' && this.scheduler.isWithin(item, this.limitsNow);
  }

  /** It is asked for no more. */
  private drop(item: Item): void {
    const ask = this.asks.get(item);
    if (ask?.kind !== 'held') this.scheduler.release(item);
    if (ask?.kind === 'granted') this.giveBack(item);
    if (ask?.kind === 'held') this.facts.shared?.unwanted.push(item.present);
    this.forget(item);
  }

  private forget(item: Item): void {
    this.asks.delete(item);
    item.isAsked = false;
    this.seq += 1;
  }

  private giveBack(item: Item): void {
    item.hasPermit = false;
    this.facts.shared?.released.push(item.present);
  }

  private limitsWent(): void {
    for (const item of [...this.asks.keys()]) {
      if (this.asks.get(item)?.kind !== 'held') this.scheduler.release(item);
      this.forget(item);
      this.queue(item);
    }
    for (const item of this.items) item.hasPermit = false;
    delete this.facts.shared;
    this.early.clear();
    this.noteHolds();
  }

  /** Nothing more is asked for of a VIM that something waits for. */
  private noteHolds(): void {
    const held = [...this.asks].flatMap(([item, ask]) => (ask.kind === 'held' ? [{ item, ask }] : []));
    const whose = (reason: PermitWait): Item[] =>
      held.filter(({ ask }) => ask.reason === reason).map(({ item }) => item);
    this.scheduler.hold({
      isTotal: whose('shared-total-limit').length > 0,
      sources: new Set(whose('shared-source-limit').map(({ source }) => source ?? '')),
      targets: new Set(whose('shared-target-limit').map(({ target }) => target ?? '')),
    });
  }
}

/** Of a source that is no uuid, as records may have it, nothing is known. */
function moveOf({ present, source, target }: Item): PermitMove {
  const sourceVimUuid = source !== null && isUuid(source) ? source : null;
  return { vnfUuid: present, sourceVimUuid, targetVimUuid: target ?? '' };
}
