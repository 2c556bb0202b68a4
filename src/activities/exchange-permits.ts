/**
 * Asks the limits of the deployment for permits, and gives back what is not needed any more.
 *
 * Invariant: a call that is repeated, by a retry or after the death of its worker, is carried out once; carried out twice
 * all the same, it changes nothing.
 */
import { ApplicationFailure, Context } from '@temporalio/activity';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { INVALID_LIMITS, type ExchangePermitsInput, type PermitAnswer } from '../shared/limits/contract.js';
import { limitsWorkflowId } from '../shared/names.js';

const UPDATE = 'exchangePermits';

/** `none`: no limits are set. @throws ServiceError while Temporal is away, or no worker answers */
export function createExchangePermits({ deployment }: { deployment: string }) {
  return async (call: ExchangePermitsInput): Promise<PermitAnswer> => {
    const { client, info } = Context.current();
    const { activityId, workflowExecution } = info;
    const updateId = `${workflowExecution?.runId ?? ''}:${activityId}`;
    const limits = client.workflow.getHandle(limitsWorkflowId(deployment));
    try {
      return await limits.executeUpdate<PermitAnswer, [ExchangePermitsInput]>(UPDATE, {
        args: [call],
        updateId,
      });
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'none' };
      throw refusalOf(error) ?? error;
    }
  };
}

/** What is wrong with the call stays wrong. */
function refusalOf(error: unknown): ApplicationFailure | null {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== INVALID_LIMITS) return null;
  return ApplicationFailure.nonRetryable(cause.message, INVALID_LIMITS);
}
