/**
 * What a workflow must know of the worker's settings, and whether the deployment has limits.
 *
 * Invariant: where no limits are set, the result is what it was before there could be any.
 */
import { Context } from '@temporalio/activity';
import { limitsWorkflowId } from '../shared/names.js';
import { isWorkflowRunning } from '../temporal/execution-standing.js';

/** It becomes part of the history. */
export interface WorkerSettings {
  deployment: string;
  hasRepository: boolean;
  /** Neither is in the history of a run that a worker began which knew the bus alone. */
  hasBus?: boolean;
  hasGatekeeper?: boolean;
  /** Not in the history of a run that a worker of version 0.1 began. */
  hasVimList?: boolean;
  /** Not there unless limits of the deployment are set: nothing starts without a permit then. */
  hasLimits?: true;
}

/** How long a worker believes what it has read of limits. Those who set them wait for longer. */
const LIMITS_KEPT_MS = 1_000;

/** @throws ServiceError while Temporal is away: it is asked again. */
export function createReadSettings(settings: WorkerSettings) {
  let known: { readAtMs: number; hasLimits: Promise<boolean> } | null = null;
  const hasLimits = async (): Promise<boolean> => {
    if (known === null || Date.now() - known.readAtMs >= LIMITS_KEPT_MS) {
      const reading = areLimitsSet(settings.deployment);
      const mine = { readAtMs: Date.now(), hasLimits: reading };
      known = mine;
      reading.catch(() => {
        if (known === mine) known = null;
      });
    }
    // Whoever reads for all may be cancelled.
    return await known.hasLimits.catch(() => areLimitsSet(settings.deployment));
  };
  return async (): Promise<WorkerSettings> =>
    (await hasLimits()) ? { ...settings, hasLimits: true } : settings;
}

async function areLimitsSet(deployment: string): Promise<boolean> {
  return await isWorkflowRunning(Context.current().client, limitsWorkflowId(deployment));
}
