/** A workflow of a caller, which imports the helper of this package. */
import { executeMigration, migrationFailureOf } from '../../src/workflows/execute-migration.js';
import type { MigrationInput } from '../../src/shared/migration/contract.js';

export async function moveAndTell({
  input,
  taskQueue,
}: {
  input: MigrationInput;
  taskQueue: string;
}): Promise<string> {
  try {
    const { outcome, newVnfUuid } = await executeMigration(input, { taskQueue });
    return `${outcome} ${String(newVnfUuid)}`;
  } catch (error) {
    const failure = migrationFailureOf(error);
    return failure === null
      ? 'no failure of a migration'
      : `${failure.type} in ${String(failure.state?.phase)}`;
  }
}
