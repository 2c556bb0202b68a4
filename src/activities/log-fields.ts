/**
 * What an activity is about, on each of its log lines: its own, and the SDK's.
 *
 * Invariant: nothing else of an input is logged.
 */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** Part of an activity's input. */
export interface LogSubject {
  /** The number of the request that is sent, asked about, or looked for. */
  attempt?: number;
  correlationId?: string;
}

/** Under one name, because the SDK counts the tries of an activity as `attempt`. */
export const logSubject: ActivityInterceptorsFactory = () => {
  let migration: LogSubject = {};
  return {
    inbound: {
      execute: (input, next) => {
        migration = subjectOf(input.args[0]);
        return next(input);
      },
    },
    outbound: { getLogAttributes: (attributes, next) => next({ ...attributes, migration }) },
  };
};

function subjectOf(input: unknown): LogSubject {
  const { attempt, correlationId } = (input ?? {}) as LogSubject;
  return {
    ...(attempt === undefined ? {} : { attempt }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}
