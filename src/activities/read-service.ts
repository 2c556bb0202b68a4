import { Context } from '@temporalio/activity';
import type { RepositoryClient } from '../repository/client.js';
import { readServiceSnapshot, type SnapshotReading } from '../repository/snapshot.js';
import type { LogSubject } from './log-fields.js';
import { withRepository } from './repository-errors.js';

export interface ReadServiceInput extends LogSubject {
  serviceInstanceUuid: string;
  vnfUuid: string;
  /** The target, where copies are looked for. */
  vimUuid: string;
  /** Of the VNF, from an earlier look: finds copies even when its own record is gone. */
  descriptorReference: string | null;
}

/** So that another worker reads it soon where this one dies. */
const HEARTBEAT_MS = 4_000;

/**
 * Reads one service in the MANO's repository.
 * @throws ApplicationFailure `RepositoryUnavailable`: what cannot be read is never an answer
 */
export function createReadService({ repository }: { repository: RepositoryClient | null }) {
  return (input: ReadServiceInput): Promise<SnapshotReading> =>
    withRepository(repository, async (client) => {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        return await readServiceSnapshot(client, { ...input, signal: context.cancellationSignal });
      } finally {
        clearInterval(beat);
      }
    });
}
