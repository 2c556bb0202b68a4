/**
 * Whether an execution of an activity may still act.
 *
 * Invariant: an execution that Temporal may have given up learns it: a process that was stopped and wakes up late must not
 * send what another has been asked to send since.
 */
import type { Context } from '@temporalio/activity';

const HEARTBEAT_SHARE = 3;
const CONFIRM_LEASE_TIMEOUT_MS = 2_000;

export interface Lease {
  isHeld: () => Promise<boolean>;
  /** Since this execution began. */
  heldMs: () => number;
  /** Since Temporal made the task; never negative. */
  ageMs: () => number;
  release: () => void;
}

/**
 * Heartbeats while the publish waits. Whether the server still believes in this execution only the server can
 * decide: our own timers run on while the network is away, and stop while the process does. It is asked unless
 * the execution is younger than any time limit; a negative age means that the clocks differ.
 */
export function holdLease(context: Context): Lease {
  const { startToCloseTimeoutMs, heartbeatTimeoutMs = startToCloseTimeoutMs } = context.info;
  const beatMs = heartbeatTimeoutMs / HEARTBEAT_SHARE;
  const startedAtMs = Date.now();
  // A process that is stopped is given tasks all the same: its age counts from when Temporal made the task.
  const ageMs = (): number => Date.now() - context.info.currentAttemptScheduledTimestampMs;
  const isYoung = (): boolean => ageMs() >= 0 && ageMs() < beatMs;
  const timer = setInterval(() => context.heartbeat(), beatMs);
  return {
    isHeld: async () => isYoung() || (await isBelievedIn(context)),
    heldMs: () => Date.now() - startedAtMs,
    ageMs: () => Math.max(0, ageMs()),
    release: () => clearInterval(timer),
  };
}

/** One heartbeat by hand, because the SDK's own does not return its answer. */
async function isBelievedIn({ client, info }: Context): Promise<boolean> {
  const { connection, options } = client;
  try {
    const taskToken = Buffer.from(info.base64TaskToken, 'base64');
    const beat = { namespace: options.namespace, identity: options.identity, taskToken };
    await connection.withDeadline(Date.now() + CONFIRM_LEASE_TIMEOUT_MS, () =>
      client.workflowService.recordActivityTaskHeartbeat(beat),
    );
    return true;
  } catch {
    return false;
  }
}
