/**
 * What Temporal knows of migrations, by workflow id: for those that do not report their result, because they were
 * terminated, or because another caller started them.
 *
 * Invariants: whatever a workflow has left, this answers; only Temporal itself being away is a failure. The
 * answer for one workflow is a few hundred bytes.
 */
import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { CAMPAIGN_MEMO, MIGRATION_WORKFLOW } from '../shared/names.js';
import { readClosedMigration, type ClosedMigration } from '../temporal/closed-migration.js';

export interface DescribeMigrationsInput {
  workflowIds: string[];
}

export interface DescribedMigration {
  workflowId: string;
  /** lost: ended from outside; gone: Temporal does not know it; foreign: it is no migration. */
  standing: 'running' | 'gone' | 'foreign' | 'migrated' | 'already-there' | 'failed' | 'cancelled' | 'lost';
  runId: string | null;
  newVnfUuid: string | null;
  /** Where it moved to, or found the VNF; null if it did not report it. */
  vimUuid: string | null;
  failureType: string | null;
  message: string | null;
  /** Workflow id of the campaign that started it. Not in the history of a campaign of version 0.1. */
  campaignId?: string | null;
  /** It has ended, and a request of it may still be at work, or may have been carried out. */
  inDoubt: boolean;
}

const AT_A_TIME = 10;
const MOST_TEXT = 300;

export function createDescribeMigrations() {
  return async ({ workflowIds }: DescribeMigrationsInput): Promise<DescribedMigration[]> => {
    const { client } = Context.current();
    const standings: DescribedMigration[] = [];
    for (let at = 0; at < workflowIds.length; at += AT_A_TIME) {
      const some = workflowIds.slice(at, at + AT_A_TIME);
      standings.push(...(await Promise.all(some.map((workflowId) => describe(client, workflowId)))));
      Context.current().heartbeat();
    }
    return standings;
  };
}

async function describe(client: Client, workflowId: string): Promise<DescribedMigration> {
  try {
    const description = await client.workflow.getHandle(workflowId).describe();
    const { runId, status, type, memo } = description;
    const known = { ...nothingKnown(workflowId), runId, campaignId: textOf(memo?.[CAMPAIGN_MEMO]) };
    if (type !== MIGRATION_WORKFLOW) return { ...known, standing: 'foreign' };
    if (status.name === 'RUNNING' || status.name === 'PAUSED') return { ...known, standing: 'running' };
    // Of that run: it is closed, so this comes at once.
    const closed = await readClosedMigration(client.workflow.getHandle(workflowId, runId));
    return { ...known, ...descriptionOf(closed) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return nothingKnown(workflowId);
    throw error;
  }
}

function nothingKnown(workflowId: string): DescribedMigration {
  return {
    workflowId,
    standing: 'gone',
    runId: null,
    newVnfUuid: null,
    vimUuid: null,
    failureType: null,
    message: null,
    inDoubt: false,
  };
}

function descriptionOf(closed: ClosedMigration): Partial<DescribedMigration> {
  switch (closed.kind) {
    case 'result':
      return ofResult(closed.result);
    case 'failed':
      return {
        standing: 'failed',
        failureType: closed.type,
        message: closed.message.slice(0, MOST_TEXT),
        vimUuid: textOf(fieldOf(fieldOf(closed.state, 'request'), 'vimUuid')),
        inDoubt: fieldOf(closed.state, 'mayBeRunning') === true,
      };
    case 'cancelled': {
      const inDoubt = fieldOf(closed.state, 'mayBeRunning') === true;
      return { standing: 'cancelled', message: 'it was cancelled', inDoubt };
    }
    case 'lost':
      return { standing: 'lost', message: closed.message.slice(0, MOST_TEXT), inDoubt: true };
  }
}

function ofResult(result: unknown): Partial<DescribedMigration> {
  const outcome = fieldOf(result, 'outcome');
  if (outcome !== 'migrated' && outcome !== 'already-there') return { standing: 'foreign' };
  return {
    standing: outcome,
    newVnfUuid: textOf(fieldOf(result, 'newVnfUuid')),
    vimUuid: textOf(fieldOf(result, 'vimUuid')),
  };
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
