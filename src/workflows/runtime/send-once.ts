/** Sending something to the MANO, by an activity that must not be run twice. */
import {
  ActivityCancellationType,
  ActivityFailure,
  isCancellation,
  proxyActivities,
  rootCause,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { PublishOutcome } from '../../activities/publish-once.js';

/** From a worker's death to the knowledge of it. */
const PUBLISH_HEARTBEAT_MS = 15_000;
/** Beyond the search for a broker or a Gatekeeper: the confirm or the answer, and the way back. */
const PUBLISH_SLACK_MS = 30_000;

/**
 * One activity execution and never a second try. Cancelled, it gives up looking for a broker, but ends what it
 * has begun to write, and is waited for, so that its outcome is true.
 */
export async function sendOnce<Outcome extends PublishOutcome>(
  timeoutMs: number,
  send: (activities: Activities) => Promise<Outcome>,
): Promise<Outcome | PublishOutcome> {
  const activities = proxyActivities<Activities>({
    scheduleToStartTimeout: timeoutMs,
    startToCloseTimeout: timeoutMs + PUBLISH_SLACK_MS,
    scheduleToCloseTimeout: timeoutMs + PUBLISH_SLACK_MS,
    heartbeatTimeout: PUBLISH_HEARTBEAT_MS,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
  });
  try {
    return await send(activities);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    // Cancelled before any worker had it: a running one reports its outcome.
    if (isCancellation(error)) return { sent: 'not-sent', reason: 'cancelled before it was begun' };
    if (error.cause instanceof TimeoutFailure && error.cause.timeoutType === 'SCHEDULE_TO_START') {
      return { sent: 'not-sent', reason: 'no worker was free to send it in time' };
    }
    // Its worker died, or lost its time: it may have written before.
    return { sent: 'perhaps', reason: rootCause(error) ?? null };
  }
}
