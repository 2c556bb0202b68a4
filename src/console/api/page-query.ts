/** The query of a list of workflows that comes by pages. */
import { z } from 'zod';
import type { ListedStatus } from '../../client/visibility.js';

const STATUSES = {
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
  canceled: 'Canceled',
  terminated: 'Terminated',
  timedout: 'TimedOut',
} as const satisfies Record<string, ListedStatus>;
type Status = keyof typeof STATUSES;

export const pageQuery = {
  /** Temporal's. */
  status: z.enum(Object.keys(STATUSES) as Status[]).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** Of the page before. */
  cursor: z.string().min(1).max(10_000).optional(),
};

export function temporalStatus(status: Status | undefined): ListedStatus | undefined {
  return status === undefined ? undefined : STATUSES[status];
}
