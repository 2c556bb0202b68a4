/** Where one migration stands, as its page shows it. */
import { WorkflowNotFoundError } from '@temporalio/client';
import { temporalProblem } from '../../client/connection-errors.js';
import type { MigrationClient } from '../../client/migration-client.js';
import { migrationStanding, type MigrationStanding } from '../../client/migration-standing.js';
import type { Reading, Source, Trouble } from './feed.js';

export class MigrationSource implements Source {
  private standing: MigrationStanding | null = null;

  constructor(
    private readonly migrations: MigrationClient,
    private readonly workflowId: string,
  ) {}

  snapshot(): MigrationStanding | null {
    return this.standing;
  }

  /** After a reading it is known. */
  known(): MigrationStanding {
    if (this.standing === null) throw new Error(`${this.workflowId} was not read`);
    return this.standing;
  }

  async read(): Promise<Reading> {
    const before = this.standing;
    const standing = await migrationStanding(this.migrations, this.workflowId);
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
