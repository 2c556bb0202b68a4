/**
 * The Temporal SDK's log lines, and those of workflows and activities, which come through it, as ours: same
 * format, same place.
 *
 * Invariants: one name for one thing in every line (`workflowId`, `runId`, and `attempt` for the number
 * of a request); no task token, with which anybody could complete the task.
 */
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import type { Logger } from './logger.js';
import { ASK_AGAIN } from '../shared/retry-query.js';

export function runtimeLogger(log: Logger): DefaultLogger {
  return new DefaultLogger('TRACE', ({ level, message, meta, timestampNanos }: LogEntry) => {
    // Lines wait for a moment in the SDK, which puts those of workflows, activities and its core in order.
    const at = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
    const fields = { at, ...fieldsOf(meta ?? {}) };
    switch (isOnlyTooEarly(meta?.['error']) ? 'DEBUG' : level) {
      case 'TRACE':
        log.trace(fields, message);
        return;
      case 'DEBUG':
        log.debug(fields, message);
        return;
      case 'INFO':
        log.info(fields, message);
        return;
      case 'WARN':
        log.warn(fields, message);
        return;
      case 'ERROR':
        log.error(fields, message);
        return;
    }
  });
}

/** A question that is asked again: no fault, though the SDK calls it a task that failed. */
function isOnlyTooEarly(error: unknown): boolean {
  // It comes from the workflows' own realm, whose Error is not ours.
  return String(error).includes(ASK_AGAIN);
}

/** `task` and `taskEncoded` have the token in them: what the SDK logs of a task that it could not decode. */
const DROPPED = new Set(['taskToken', 'task_token', 'task', 'taskEncoded', 'migration']);

/** The SDK's names → ours. */
const RENAMED: Record<string, string> = {
  workflowRunId: 'runId',
  workflow_id: 'workflowId',
  run_id: 'runId',
  // The try of an activity, which is not the request of a migration.
  attempt: 'activityAttempt',
};

function fieldsOf(meta: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(meta).filter(([name]) => !DROPPED.has(name));
  const renamed = kept.map(([name, value]): [string, unknown] => [RENAMED[name] ?? name, readable(value)]);
  return { ...Object.fromEntries<unknown>(renamed), ...(meta['migration'] as object | undefined) };
}

/** Without the details of a failure, which hold the whole state of a migration. */
function readable(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack } = value;
  return { name, message, stack };
}
