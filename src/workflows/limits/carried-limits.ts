/**
 * The limits of a deployment on their way from one run to the next.
 *
 * Invariants: `unpack(pack(limits))` goes on in the same way. Ten thousand that wait stay below 1.5 MiB: ids are compact,
 * and a VIM or a holder is named once.
 */
import { compactUuid, fullUuid, isUuid } from '../../shared/compact-uuid.js';
import type { SharedLimits } from '../../shared/limits/contract.js';
import { migrationWorkflowId } from '../../shared/names.js';
import type { OrderEntry } from './orders.js';
import { PermitLedger, type Holder, type Lease, type Request } from './permit-ledger.js';

/** `unset`: just started. `taking-stock`: set, and what is in flight is not known yet. */
export type Stage = 'unset' | 'taking-stock' | 'set' | 'cleared';

/** What is to be asked of Temporal, or told. */
export interface Errands {
  /** How often what runs without a lease is still looked for, and when next. */
  looksLeft: number;
  nextLookMs: number;
  nextSweepMs: number;
  /** Campaigns are to be told that limits were set, or were cleared. */
  isTellingDue: boolean;
}

export interface LimitsStanding {
  ledger: PermitLedger;
  stage: Stage;
  errands: Errands;
  audit: readonly OrderEntry[];
}

/** VNF, holder, source, target, since; numbers are places in the tables. */
type PackedMove = [vnf: string, holder: number, source: number | null, target: number, sinceMs: number];
/** Kind, workflow id ('': that of the migration of its only VNF), first run id, when it was last heard of. */
type PackedHolder = [kind: 'c' | 'm', workflowId: string, firstRunId: string, heardAtMs: number];

export interface CarriedLimits {
  version: 1;
  limits: SharedLimits;
  stage: Stage;
  errands: Errands;
  audit: readonly OrderEntry[];
  vims: string[];
  holders: PackedHolder[];
  leases: [...PackedMove, told: Lease['told']][];
  requests: PackedMove[];
}

export function pack({ ledger, stage, errands, audit }: LimitsStanding): CarriedLimits {
  const vims = new Table<string>();
  const holders = new Table<Holder>();
  const firstVnf = new Map<Holder, string>();
  const packed = ({ vnfUuid, holder, sourceVimUuid, targetVimUuid, sinceMs }: Request): PackedMove => {
    if (!firstVnf.has(holder)) firstVnf.set(holder, vnfUuid);
    const source = sourceVimUuid === null ? null : vims.numberOf(sourceVimUuid);
    return [compactUuid(vnfUuid), holders.numberOf(holder), source, vims.numberOf(targetVimUuid), sinceMs];
  };
  const leases = [...ledger.leases].map((lease): [...PackedMove, Lease['told']] => [
    ...packed(lease),
    lease.told,
  ]);
  const requests = [...ledger.requests].map(packed);
  return {
    version: 1,
    limits: ledger.limits,
    stage,
    errands,
    audit,
    vims: vims.entries,
    holders: holders.entries.map((holder) => packHolder(holder, firstVnf.get(holder) ?? '')),
    leases,
    requests,
  };
}

export function unpack(carried: CarriedLimits): LimitsStanding {
  const { limits, stage, errands, audit, vims } = carried;
  const firstVnf = new Map<number, string>();
  for (const [vnf, holder] of [...carried.leases, ...carried.requests]) {
    if (!firstVnf.has(holder)) firstVnf.set(holder, fullUuid(vnf));
  }
  const holders = carried.holders.map((holder, index) => unpackHolder(holder, firstVnf.get(index) ?? ''));
  const unpacked = ([vnf, holder, source, target, sinceMs]: PackedMove): Request => ({
    vnfUuid: fullUuid(vnf),
    holder: at(holders, holder),
    sourceVimUuid: source === null ? null : at(vims, source),
    targetVimUuid: at(vims, target),
    sinceMs,
  });
  const leases = carried.leases.map(([vnf, holder, source, target, sinceMs, told]) => ({
    ...unpacked([vnf, holder, source, target, sinceMs]),
    told,
  }));
  const ledger = new PermitLedger({ limits, leases, requests: carried.requests.map(unpacked) });
  return { ledger, stage, errands, audit };
}

function packHolder({ kind, workflowId, firstRunId, heardAtMs }: Holder, vnfUuid: string): PackedHolder {
  const isItself = kind === 'migration' && workflowId === migrationWorkflowId(vnfUuid);
  const run = isUuid(firstRunId) ? `~${compactUuid(firstRunId)}` : firstRunId;
  return [kind === 'campaign' ? 'c' : 'm', isItself ? '' : workflowId, run, heardAtMs];
}

function unpackHolder([kind, workflowId, run, heardAtMs]: PackedHolder, vnfUuid: string): Holder {
  return {
    kind: kind === 'c' ? 'campaign' : 'migration',
    workflowId: workflowId === '' ? migrationWorkflowId(vnfUuid) : workflowId,
    firstRunId: run.startsWith('~') ? fullUuid(run.slice(1)) : run,
    heardAtMs,
  };
}

/** Things by number. */
class Table<T> {
  readonly entries: T[] = [];
  private readonly numbers = new Map<T, number>();

  numberOf(entry: T): number {
    const known = this.numbers.get(entry);
    if (known !== undefined) return known;
    const number = this.entries.push(entry) - 1;
    this.numbers.set(entry, number);
    return number;
  }
}

function at<T>(entries: readonly T[], index: number): T {
  const entry = entries[index];
  if (entry === undefined) throw new Error(`nothing carried has the number ${String(index)}`);
  return entry;
}
