/** Where one migration stands, as its page shows it. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { temporalProblem } from '../../client/connection-errors.js';
import { migrationStanding, type MigrationStanding } from '../../client/migration-standing.js';
import type { Reading, Source, Trouble } from './feed.js';

export class MigrationSource implements Source {
  private standing: MigrationStanding | null = null;

  constructor(
    private readonly client: Client,
    private readonly workflowId: string,
  ) {}

  snapshot(): MigrationStanding | null {
    return this.standing;
  }

  async read(): Promise<Reading> {
    const before = this.standing;
    const standing = await migrationStanding(this.client, this.workflowId);
    if (standing.unavailable !== null && before !== null) throw new SilentWorker(standing.unavailable);
    this.standing = standing;
    const isOver = standing.status !== 'RUNNING';
    const isSame = JSON.stringify(before) === JSON.stringify(standing);
    return { events: isSame ? [] : [{ name: 'migration', data: standing }], isOver };
  }

  troubleOf(error: unknown): Omit<Trouble, 'since'> {
    if (error instanceof SilentWorker) return { what: 'worker', message: error.message };
    return { what: 'temporal', message: `Temporal does not answer: ${temporalProblem(error)}` };
  }

  isGone(error: unknown): boolean {
    return error instanceof WorkflowNotFoundError;
  }
}

/** What is known stays what is shown. */
class SilentWorker extends Error {
  override readonly name = 'SilentWorker';
}
