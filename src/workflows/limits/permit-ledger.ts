/**
 * Who may start what under the limits of a deployment.
 *
 * Invariants:
 * G1 Pure: no clock, no I/O; the same calls give the same grants.
 * G2 A grant exceeds no limit. What is in flight already is leased whatever the limits are, and counts.
 * G3 After `grantAll` nothing that waits could be granted: nobody waits behind a VIM that is full for somebody else.
 * G4 The next grant goes to the group with the fewest leases, of equals to the oldest request. A campaign is a group; all
 *    migrations that stand alone are one together.
 * G5 Every call is a set operation: repeated, it changes nothing but when its holder was last heard of.
 */
import type {
  SharedLimits,
  PermitAnswer,
  PermitExchange,
  PermitHolder,
  PermitMove,
  PermitWait,
} from '../../shared/limits/contract.js';
import { migrationWorkflowId } from '../../shared/names.js';

/** A workflow that has permits, or waits for some. */
export interface Holder extends PermitHolder {
  heardAtMs: number;
}

export interface Request extends PermitMove {
  holder: Holder;
  sinceMs: number;
}

export interface Lease extends Request {
  /** Whether its holder knows of the grant: not yet, or as far as a signal tells it, or by an answer. */
  told: 'no' | 'signal' | 'answer';
}

/** Beyond it what is asked for is not noted: its holder asks again. */
export const MOST_WAITING = 10_000;

const NO_LIMITS: SharedLimits = { total: null, vims: [] };
/** The group of all migrations that stand alone. */
const ALONE = '';

interface Owner {
  holder: Holder;
  leases: Map<string, Lease>;
  requests: Map<string, Request>;
}

/** Requests of one group from one VIM to another: what holds one of them holds them all. */
interface Lane {
  group: string;
  /** The oldest first, with their ages. */
  queue: { request: Request; age: number }[];
}

export class PermitLedger {
  private readonly owners = new Map<string, Owner>();
  private readonly allLeases = new Set<Lease>();
  /** The oldest first. */
  private readonly allRequests = new Set<Request>();
  private readonly arriving = new Tally();
  private readonly leaving = new Tally();
  private readonly perGroup = new Tally();
  private vimLimits = new Map<string, SharedLimits['vims'][number]>();
  private total: number | null = null;

  constructor({
    limits = NO_LIMITS,
    leases = [],
    requests = [],
  }: { limits?: SharedLimits; leases?: readonly Lease[]; requests?: readonly Request[] } = {}) {
    this.setLimits(limits);
    for (const lease of leases) this.addLease(lease);
    for (const request of requests) this.addRequest(request);
  }

  get leases(): ReadonlySet<Lease> {
    return this.allLeases;
  }

  get requests(): ReadonlySet<Request> {
    return this.allRequests;
  }

  get limits(): SharedLimits {
    return { total: this.total, vims: [...this.vimLimits.values()] };
  }

  /** A lower limit takes nothing back. */
  setLimits({ total, vims }: SharedLimits): void {
    this.total = total;
    const limited = vims.filter((vim) => vim.in !== null || vim.out !== null);
    this.vimLimits = new Map(limited.map((vim) => [vim.vimUuid, vim]));
  }

  /** What arrives at a VIM now, and what leaves it. */
  inFlightAt(vimUuid: string): { in: number; out: number } {
    return { in: this.arriving.of(vimUuid), out: this.leaving.of(vimUuid) };
  }

  limitsOf(vimUuid: string): { in: number | null; out: number | null } {
    const limit = this.vimLimits.get(vimUuid);
    return { in: limit?.in ?? null, out: limit?.out ?? null };
  }

  /** Notes what a holder says. Grants nothing. */
  exchange(call: PermitExchange, atMs: number): void {
    const holder = this.heard(call.holder, atMs);
    for (const vnfUuid of [...call.released, ...call.unwanted]) this.forget(holder, vnfUuid);
    for (const move of call.inUse ?? []) this.use({ ...move, holder, sinceMs: atMs });
    for (const move of call.wanted) this.want({ ...move, holder, sinceMs: atMs });
    this.dropIfIdle(holder);
  }

  /** What its holder may read of a call, after the grants. */
  answer({ holder, wanted }: PermitExchange): PermitAnswer {
    const owner = this.owners.get(keyOf(holder));
    const known = new Set(wanted.map(({ vnfUuid }) => vnfUuid));
    const leases = [...(owner?.leases.values() ?? [])];
    const granted = leases.filter(({ vnfUuid, told }) => known.has(vnfUuid) || told !== 'answer');
    for (const lease of granted) lease.told = 'answer';
    const waiting = [...(owner?.requests.values() ?? [])];
    const unnoted = wanted.filter(
      ({ vnfUuid }) => owner?.leases.has(vnfUuid) !== true && owner?.requests.has(vnfUuid) !== true,
    );
    return {
      kind: 'held',
      granted: granted.map(({ vnfUuid }) => vnfUuid),
      waiting: [...waiting, ...unnoted].map((move) => ({
        vnfUuid: move.vnfUuid,
        reason: this.reasonOf(move),
      })),
    };
  }

  /** Grants all that can be granted. */
  grantAll(atMs: number): Lease[] {
    const granted: Lease[] = [];
    if (this.isFull) return granted;
    const lanes = this.lanes();
    for (let lane = this.nextOf(lanes); lane !== null; lane = this.nextOf(lanes)) {
      const next = lane.queue.pop();
      if (next === undefined) break;
      this.dropRequest(next.request);
      const lease: Lease = { ...next.request, sinceMs: atMs, told: 'no' };
      this.addLease(lease);
      granted.push(lease);
    }
    return granted;
  }

  /** Why it waits: the first limit that holds it. */
  reasonOf({ sourceVimUuid, targetVimUuid }: PermitMove): PermitWait {
    if (this.isFull) return 'shared-total-limit';
    if (this.mayNotLeave(sourceVimUuid)) return 'shared-source-limit';
    if (this.mayNotArrive(targetVimUuid)) return 'shared-target-limit';
    // What is in flight is not known yet, so nothing is granted.
    return 'shared-total-limit';
  }

  /** Leases what runs without a permit of any holder, for the migration itself. */
  adopt({ move, holder }: { move: PermitMove; holder: PermitHolder }, atMs: number): void {
    if (this.owners.has(keyOf(holder)) || this.isLeased(move)) return;
    this.use({ ...move, holder: this.heard(holder, atMs), sinceMs: atMs });
  }

  takeBack(lease: Lease): void {
    if (this.allLeases.has(lease)) this.forget(lease.holder, lease.vnfUuid);
  }

  /** Takes out all that a holder waits for. */
  takeOut(holder: Holder): void {
    const requests = this.owners.get(keyOf(holder))?.requests.values() ?? [];
    for (const { vnfUuid } of [...requests]) this.forget(holder, vnfUuid);
  }

  private get isFull(): boolean {
    return this.total !== null && this.allLeases.size >= this.total;
  }

  private mayNotLeave(vimUuid: string | null): boolean {
    const limit = vimUuid === null ? null : this.limitsOf(vimUuid).out;
    return vimUuid !== null && limit !== null && this.leaving.of(vimUuid) >= limit;
  }

  private mayNotArrive(vimUuid: string): boolean {
    const limit = this.limitsOf(vimUuid).in;
    return limit !== null && this.arriving.of(vimUuid) >= limit;
  }

  /** What waits, by what may hold it; the oldest of each lane last, where it is taken from. */
  private lanes(): Lane[] {
    const lanes = new Map<string, Lane>();
    let age = 0;
    for (const request of this.allRequests) {
      const group = groupOf(request.holder);
      const key = [group, request.sourceVimUuid, request.targetVimUuid].join('\n');
      const lane = lanes.get(key) ?? { group, queue: [] };
      lanes.set(key, lane);
      lane.queue.push({ request, age: (age += 1) });
    }
    for (const { queue } of lanes.values()) queue.reverse();
    return [...lanes.values()];
  }

  private nextOf(lanes: readonly Lane[]): Lane | null {
    if (this.isFull) return null;
    let best: { lane: Lane; age: number; leases: number } | null = null;
    for (const lane of lanes) {
      const first = lane.queue.at(-1);
      if (first === undefined) continue;
      const { request, age } = first;
      const leases = this.perGroup.of(lane.group);
      const isBetter = best === null || leases < best.leases || (leases === best.leases && age < best.age);
      if (!isBetter || this.mayNotLeave(request.sourceVimUuid)) continue;
      if (!this.mayNotArrive(request.targetVimUuid)) best = { lane, age, leases };
    }
    return best?.lane ?? null;
  }

  private heard({ kind, workflowId, firstRunId }: PermitHolder, atMs: number): Holder {
    const key = keyOf({ workflowId, firstRunId });
    const known = this.owners.get(key);
    if (known !== undefined) {
      known.holder.heardAtMs = atMs;
      return known.holder;
    }
    const holder: Holder = { kind, workflowId, firstRunId, heardAtMs: atMs };
    this.ownerOf(holder);
    return holder;
  }

  private ownerOf(holder: Holder): Owner {
    const key = keyOf(holder);
    const owner = this.owners.get(key) ?? { holder, leases: new Map(), requests: new Map() };
    this.owners.set(key, owner);
    return owner;
  }

  private want(request: Request): void {
    const { leases, requests } = this.ownerOf(request.holder);
    const lease = leases.get(request.vnfUuid);
    if (lease !== undefined) {
      if (isSameMove(lease, request)) return;
      this.dropLease(lease);
    }
    const known = requests.get(request.vnfUuid);
    // It goes elsewhere now, and keeps its age.
    if (known !== undefined) Object.assign(known, placesOf(request));
    else if (this.allRequests.size < MOST_WAITING) this.addRequest(request);
  }

  /** It is in flight: leased once, by whoever says so last of the same campaign, or after it was adopted. */
  private use(request: Request): void {
    const { leases, requests } = this.ownerOf(request.holder);
    const waiting = requests.get(request.vnfUuid);
    if (waiting !== undefined) this.dropRequest(waiting);
    if (leases.has(request.vnfUuid)) return;
    for (const lease of this.othersOf(request)) this.forget(lease.holder, lease.vnfUuid);
    this.addLease({ ...request, told: 'answer' });
  }

  /** Leases of the same migration by an earlier run of this campaign, or by the migration itself. */
  private othersOf({ vnfUuid, holder }: Request): Lease[] {
    const itself = migrationWorkflowId(vnfUuid);
    return [...this.allLeases].filter(
      (lease) =>
        lease.vnfUuid === vnfUuid &&
        (lease.holder.workflowId === holder.workflowId || lease.holder.workflowId === itself),
    );
  }

  private isLeased({ vnfUuid }: PermitMove): boolean {
    for (const lease of this.allLeases) if (lease.vnfUuid === vnfUuid) return true;
    return false;
  }

  private forget(holder: PermitHolder, vnfUuid: string): void {
    const owner = this.owners.get(keyOf(holder));
    if (owner === undefined) return;
    const lease = owner.leases.get(vnfUuid);
    const request = owner.requests.get(vnfUuid);
    if (lease !== undefined) this.dropLease(lease);
    if (request !== undefined) this.dropRequest(request);
    this.dropIfIdle(owner.holder);
  }

  private dropIfIdle(holder: Holder): void {
    const owner = this.owners.get(keyOf(holder));
    if (owner?.leases.size === 0 && owner.requests.size === 0) this.owners.delete(keyOf(holder));
  }

  private addRequest(request: Request): void {
    this.ownerOf(request.holder).requests.set(request.vnfUuid, request);
    this.allRequests.add(request);
  }

  private dropRequest(request: Request): void {
    this.ownerOf(request.holder).requests.delete(request.vnfUuid);
    this.allRequests.delete(request);
  }

  private addLease(lease: Lease): void {
    this.ownerOf(lease.holder).leases.set(lease.vnfUuid, lease);
    this.allLeases.add(lease);
    this.count(lease, 1);
  }

  private dropLease(lease: Lease): void {
    this.ownerOf(lease.holder).leases.delete(lease.vnfUuid);
    this.allLeases.delete(lease);
    this.count(lease, -1);
  }

  private count({ sourceVimUuid, targetVimUuid, holder }: Lease, by: 1 | -1): void {
    if (sourceVimUuid !== null) this.leaving.add(sourceVimUuid, by);
    this.arriving.add(targetVimUuid, by);
    this.perGroup.add(groupOf(holder), by);
  }
}

/** How many there are of each. */
class Tally {
  private readonly counts = new Map<string, number>();

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  add(key: string, by: number): void {
    const count = this.of(key) + by;
    if (count === 0) this.counts.delete(key);
    else this.counts.set(key, count);
  }
}

function keyOf({ workflowId, firstRunId }: Pick<PermitHolder, 'workflowId' | 'firstRunId'>): string {
  return `${firstRunId}/${workflowId}`;
}

function groupOf({ kind, workflowId }: PermitHolder): string {
  return kind === 'migration' ? ALONE : workflowId;
}

function isSameMove(left: PermitMove, right: PermitMove): boolean {
  return left.sourceVimUuid === right.sourceVimUuid && left.targetVimUuid === right.targetVimUuid;
}

function placesOf({ sourceVimUuid, targetVimUuid }: PermitMove): Omit<PermitMove, 'vnfUuid'> {
  return { sourceVimUuid, targetVimUuid };
}
