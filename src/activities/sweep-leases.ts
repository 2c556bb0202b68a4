/**
 * Which leases nobody uses any more, and which of those who wait are gone, by Temporal's own word.
 *
 * Invariants: a lease whose migration runs is never reported. What the visibility store lists as running is believed;
 * what it does not list is described. So a sweep costs a page for a thousand migrations, and a call for each that ended.
 */
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { PermitHolder } from '../shared/limits/contract.js';
import { MIGRATION_WORKFLOW, migrationWorkflowId } from '../shared/names.js';
import { isChainRunning, standingOf, type ExecutionStanding } from '../temporal/execution-standing.js';
import { runningQuery } from '../temporal/running-query.js';

export interface LeaseToSweep {
  vnfUuid: string;
  holder: PermitHolder;
  sinceMs: number;
}

export interface SweepLeasesInput {
  leases: LeaseToSweep[];
  /** Those who wait, and have not asked for long. */
  holders: Pick<PermitHolder, 'workflowId' | 'firstRunId'>[];
}

/** Places in the lists of the input. */
export interface Swept {
  ended: number[];
  gone: number[];
}

const AT_A_TIME = 10;
const MOST_LISTED = 10_000;
/** A campaign reports the end of its migrations before that; if it has lost one, the sweep has not. */
const UNREPORTED_MS = 300_000;

export function createSweepLeases() {
  return async ({ leases, holders }: SweepLeasesInput): Promise<Swept> => {
    const temporal = new Standings(Context.current().client);
    const running = await listRunning(Context.current());
    const ambiguous = sharedIds(leases);
    const ended = await places(leases, async (lease) => {
      const workflowId = migrationIdOf(lease);
      if (running.has(workflowId) && !ambiguous.has(workflowId)) return false;
      return await hasEnded(lease, temporal);
    });
    const gone = await places(holders, async ({ workflowId, firstRunId }) => {
      return !isChainRunning(await temporal.of(workflowId), firstRunId);
    });
    return { ended, gone };
  };
}

async function hasEnded(lease: LeaseToSweep, temporal: Standings): Promise<boolean> {
  const { holder, sinceMs } = lease;
  const migration = await temporal.of(migrationIdOf(lease));
  if (holder.kind === 'migration') return !isChainRunning(migration, holder.firstRunId);
  if (migration?.isRunning === true) return false;
  if (!isChainRunning(await temporal.of(holder.workflowId), holder.firstRunId)) return true;
  const hasClosedSince = (migration?.closedAtMs ?? 0) > sinceMs;
  return hasClosedSince && Date.now() - sinceMs > UNREPORTED_MS;
}

function migrationIdOf({ vnfUuid, holder }: LeaseToSweep): string {
  return holder.kind === 'migration' ? holder.workflowId : migrationWorkflowId(vnfUuid);
}

/** Workflow ids of which several chains of runs have a lease: one of them at most runs. */
function sharedIds(leases: readonly LeaseToSweep[]): Set<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { holder } of leases) {
    if (holder.kind !== 'migration') continue;
    if (seen.has(holder.workflowId)) shared.add(holder.workflowId);
    seen.add(holder.workflowId);
  }
  return shared;
}

async function listRunning({ client, info }: Context): Promise<Set<string>> {
  const query = runningQuery({ type: MIGRATION_WORKFLOW, taskQueue: info.taskQueue });
  const running = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query, pageSize: 1_000 })) {
    running.add(workflowId);
    if (running.size % 1_000 === 0) Context.current().heartbeat();
    if (running.size >= MOST_LISTED) break;
  }
  return running;
}

/** Asks for each workflow once. */
class Standings {
  private readonly known = new Map<string, Promise<ExecutionStanding | null>>();

  constructor(private readonly client: Client) {}

  async of(workflowId: string): Promise<ExecutionStanding | null> {
    const standing = this.known.get(workflowId) ?? standingOf(this.client, workflowId);
    this.known.set(workflowId, standing);
    return await standing;
  }
}

/** The places of those for which it is true. */
async function places<T>(items: readonly T[], isTrue: (item: T) => Promise<boolean>): Promise<number[]> {
  const found: number[] = [];
  for (let at = 0; at < items.length; at += AT_A_TIME) {
    const some = await Promise.all(items.slice(at, at + AT_A_TIME).map(isTrue));
    some.forEach((isOne, offset) => {
      if (isOne) found.push(at + offset);
    });
    Context.current().heartbeat();
  }
  return found;
}
