/**
 * Migrations in flight that the limits of the deployment do not know, because they began before there were any.
 *
 * Invariants: one that will ask for a permit itself is none, nor is one that has not read yet whether it must. The source
 * is what the search attributes say; null where they do not.
 */
import { Context } from '@temporalio/activity';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { PermitHolder, PermitMove } from '../shared/limits/contract.js';
import type { MigrationState } from '../shared/migration/contract.js';
import { CAMPAIGN_MEMO, MIGRATION_WORKFLOW, migrationWorkflowId } from '../shared/names.js';
import { isUuid } from '../shared/compact-uuid.js';
import { standingOf } from '../temporal/execution-standing.js';
import { runningQuery } from '../temporal/running-query.js';

export interface FindStrayMigrationsInput {
  /** What has a lease, or waits for one. */
  known: { holder: PermitHolder['kind']; workflowId: string; vnfUuid: string }[];
}

export interface StrayMigration {
  holder: Pick<PermitHolder, 'workflowId' | 'firstRunId'>;
  move: PermitMove;
}

const AT_A_TIME = 10;
const MOST_STRAYS = 1_000;
const QUERY_TIMEOUT_MS = 3_000;

export function createFindStrayMigrations() {
  return async ({ known }: FindStrayMigrationsInput): Promise<StrayMigration[]> => {
    const { client, info } = Context.current();
    const query = runningQuery({ type: MIGRATION_WORKFLOW, taskQueue: info.taskQueue });
    const ids = new Set(
      known.flatMap(({ holder, workflowId, vnfUuid }) =>
        holder === 'campaign' ? [migrationWorkflowId(vnfUuid)] : [workflowId],
      ),
    );
    const unknown: WorkflowExecutionInfo[] = [];
    for await (const migration of client.workflow.list({ query, pageSize: 1_000 })) {
      if (!ids.has(migration.workflowId)) unknown.push(migration);
      if (unknown.length >= MOST_STRAYS) break;
    }
    const strays: StrayMigration[] = [];
    for (let at = 0; at < unknown.length; at += AT_A_TIME) {
      const some = unknown.slice(at, at + AT_A_TIME).map((one) => strayOf(client, one));
      strays.push(...(await Promise.all(some)).filter((stray) => stray !== null));
      Context.current().heartbeat();
    }
    return strays;
  };
}

async function strayOf(client: Client, migration: WorkflowExecutionInfo): Promise<StrayMigration | null> {
  const { workflowId, memo } = migration;
  const isOfCampaign = typeof memo?.[CAMPAIGN_MEMO] === 'string';
  const [state, standing] = await Promise.all([stateOf(client, workflowId), standingOf(client, workflowId)]);
  if (standing?.isRunning !== true) return null;
  if (!isOfCampaign && !goesUnasked(state)) return null;
  const move = moveOf(migration, state);
  const firstRunId = standing.firstRunId ?? standing.runId;
  return move === null ? null : { holder: { workflowId, firstRunId }, move };
}

/** Whether it sends, or has sent, without a permit of these limits. */
function goesUnasked(state: MigrationState | null): boolean {
  if (state === null || state.phase === 'validating' || state.phase === 'closed') return false;
  return state.permit == null || state.permit.state === 'held';
}

function moveOf(
  { typedSearchAttributes }: WorkflowExecutionInfo,
  state: MigrationState | null,
): PermitMove | null {
  const attribute = (name: string): string | null => {
    const value = typedSearchAttributes.get(defineSearchAttributeKey(name, SearchAttributeType.KEYWORD));
    return value !== undefined && isUuid(value) ? value : null;
  };
  const vnfUuid = state?.request?.vnfUuid ?? attribute('VnfUuid');
  const targetVimUuid = state?.request?.vimUuid ?? attribute('VnfTargetVim');
  if (vnfUuid === null || targetVimUuid === null) return null;
  return { vnfUuid, sourceVimUuid: attribute('VnfSourceVim'), targetVimUuid };
}

/** Null: no worker answers for it in time. */
async function stateOf(client: Client, workflowId: string): Promise<MigrationState | null> {
  const question = (): Promise<MigrationState> =>
    client.workflow.getHandle(workflowId).query<MigrationState>('migrationState');
  return await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, question).catch(() => null);
}
