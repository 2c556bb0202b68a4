/**
 * A campaign as a whole: its facts, and how each new one changes them.
 *
 * Invariants:
 * S1 Pure: no clock, no randomness, no I/O. Every change comes through a method of this class, with its time.
 * S2 Each item is in one state; it starts at most once at a time, and what has ended begins again by an order only
 *    (`retryFailed`), or because its MANO was deaf, its service busy, or its VNF in another caller's hands: each
 *    of them a bounded number of times.
 * S3 A result that is reported twice, or by a migration that is not the item's present one, changes nothing.
 * S4 Each item that has not ended is running, waits for a report, or waits for a person. So every campaign ends.
 */
import type { FoundVnf } from '../../activities/find-present-vnfs.js';
import { isUuid } from '../../shared/compact-uuid.js';
import { backoffMs } from './backoff.js';
import { judge, provesMano, type Ending } from './child-outcomes.js';
import { canProbe } from './facts.js';
import { MAX_MESSAGE, type Item, type StartingItem } from './item.js';
import { OwnedItems, type Description } from './owned-items.js';

/** How often an item waits for a busy service, and for a silent MANO. Then it has failed. */
const MOST_BUSY_ENDS = 5;
const MOST_SILENT_ENDS = 3;
/** Missing acks in a row that make a MANO deaf. */
const DEAF_AFTER = 3;
const BUSY_BACKOFF = { firstMs: 60_000, longestMs: 900_000 };
export class CampaignState extends OwnedItems {
  constructor({
    items = [],
    ...given
  }: ConstructorParameters<typeof OwnedItems>[0] & { items?: readonly Item[] }) {
    super(given);
    // Not in the classes above: those below them have no fields yet while those are made.
    for (const item of items) this.append(item);
    this.takeStock();
  }

  /** Takes the next item that may start, and has it RUNNING; null: none may now. */
  startNext(atMs: number): StartingItem | null {
    const { phase, isAborted } = this.facts;
    if (phase !== 'running' || isAborted || this.pause !== null || this.timeGate.reason !== null) return null;
    this.forgetOldRoom(atMs);
    for (
      let item = this.scheduler.take(this.limitsNow);
      item !== null;
      item = this.scheduler.take(this.limitsNow)
    ) {
      if (this.atWorkOn(item.present) !== undefined) {
        this.keepAway(item, atMs);
        continue;
      }
      Object.assign(item, { hasBegun: true, runId: null, startedAtMs: atMs, heardAtMs: atMs });
      this.enter(item, { state: 'RUNNING', atMs });
      return item;
    }
    return null;
  }

  /** Its migration was started. */
  began(item: Item, { runId, atMs }: { runId: string; atMs: number }): void {
    if (item.state !== 'RUNNING') return;
    Object.assign(item, { runId, heardAtMs: atMs, mayReuseId: false });
    this.seq += 1;
  }

  /** The end of a migration of ours. */
  ended(item: Item, { ending, atMs }: { ending: Ending; atMs: number }): void {
    if (item.state !== 'RUNNING') return;
    if (provesMano(ending)) this.manoSpoke('a migration was answered', atMs);
    const { newVnfUuid, failureType } = ending;
    const message = ending.message?.slice(0, MAX_MESSAGE) ?? null;
    Object.assign(item, { failureType, message });
    if (newVnfUuid !== null && isUuid(newVnfUuid)) this.learnId(item, { newVnf: newVnfUuid });
    const judgement = judge(ending);
    if (judgement.kind === 'busy') this.endedBusy(item, atMs);
    else if (judgement.kind === 'silence') this.endedInSilence(item, atMs);
    else {
      this.enter(item, { state: judgement.state, atMs });
      this.weigh(judgement.state, atMs);
    }
    this.settle(atMs);
  }

  /** A RUNNING item that was silent for long, or one that another caller has: what Temporal knows of it. */
  described(item: Item, { standing, isOwn = false, atMs }: Description): void {
    if (item.state === 'WAITING' && item.isOwned) {
      this.describedOwner(item, { standing, isOwn, atMs });
      this.settle(atMs);
      return;
    }
    if (item.state !== 'RUNNING') return;
    item.heardAtMs = atMs;
    if (standing.runId !== null && standing.runId !== item.runId) {
      // Ours has ended untold, and another caller has begun one since.
      this.startRefused(item, atMs);
      return;
    }
    const { standing: kind, newVnfUuid, failureType, message } = standing;
    if (kind === 'running') return;
    const outcome = kind === 'gone' || kind === 'foreign' ? 'lost' : kind;
    const { inDoubt } = standing;
    this.ended(item, { ending: { outcome, newVnfUuid, failureType, message, inDoubt }, atMs });
  }

  /** A report of an unknown run: it is described immediately. */
  doubt(item: Item, atMs: number): void {
    item.heardAtMs = 1;
    this.facts.silenceCheckMs = atMs;
    this.seq += 1;
  }

  /** No description could be read. */
  undescribed(item: Item, atMs: number): void {
    if (item.state === 'RUNNING') item.heardAtMs = atMs;
    else if (item.state === 'WAITING' && item.isOwned) this.askLater(item, atMs);
  }

  /** What the repository says of an item whose id may have changed. */
  lookedUp(item: Item, { found, atMs }: { found: FoundVnf; atMs: number }): void {
    if (!this.lookUps.delete(item) || item.state !== 'WAITING') return;
    item.mustLookUp = false;
    const successors = found.candidates.filter(
      ({ vnfUuid }) => isUuid(vnfUuid) && this.itemOf(vnfUuid) === undefined,
    );
    const [only] = successors;
    if (found.isListed) item.source = found.vimUuids[0] ?? null;
    else if (only !== undefined && successors.length === 1 && hasLeft(item, only.vimUuids)) {
      this.learnId(item, { present: only.vnfUuid });
      item.source = only.vimUuids[0] ?? null;
    } else {
      const text = successors.map(({ vnfUuid }) => vnfUuid).join(', ');
      item.message = `its service lists it no more; what became of it may be: ${text === '' ? 'nothing' : text}`;
      this.enter(item, { state: 'FAILED', atMs });
      this.weigh('FAILED', atMs);
    }
    this.queue(item);
    this.settle(atMs);
  }

  private endedBusy(item: Item, atMs: number): void {
    item.busyEnds += 1;
    this.breakSilence({ by: 'busy', atMs });
    if (item.busyEnds > MOST_BUSY_ENDS || this.facts.isAborted) this.enter(item, { state: 'FAILED', atMs });
    else this.again(item, { atMs, notBeforeMs: atMs + backoffMs(BUSY_BACKOFF, item.busyEnds) });
  }

  private endedInSilence(item: Item, atMs: number): void {
    const { facts } = this;
    this.enter(item, { state: 'FAILED', atMs });
    if (facts.isAborted) return;
    if (facts.pauses['mano-deaf'] !== undefined) {
      this.sendBack(item, atMs);
      return;
    }
    facts.silent.push(item.index);
    if (facts.silent.length < DEAF_AFTER) return;
    const silent = facts.silent.map((index) => this.items[index]).filter((one) => one?.state === 'FAILED');
    Object.assign(facts, { silent: [], deafService: item.service, probeMs: null });
    const hint = canProbe(facts) ? '' : ' (nobody can ask the MANO here: resume when it is back)';
    const reason = `${String(DEAF_AFTER)} migrations in a row met with silence${hint}: ${item.message ?? ''}`;
    this.pauseFor('mano-deaf', { actor: null, reason: reason.slice(0, MAX_MESSAGE), atMs });
    for (const one of silent) if (one !== undefined) this.sendBack(one, atMs);
    this.checkBudget(atMs);
  }

  /** The silence was the MANO's, not the item's. */
  private sendBack(item: Item, atMs: number): void {
    item.silentEnds += 1;
    if (item.silentEnds <= MOST_SILENT_ENDS) this.again(item, { atMs, mustLookUp: true });
  }
}

/** A sibling of its kind that was not moved is where the item was. */
function hasLeft({ source, target }: Item, vimUuids: readonly string[]): boolean {
  if (target !== null && vimUuids.includes(target)) return true;
  return source !== null && vimUuids.length > 0 && !vimUuids.includes(source);
}
