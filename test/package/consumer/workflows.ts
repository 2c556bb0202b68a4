/** A workflow of somebody else that migrates a VNF as one step. */
import { executeMigration, migrationFailureOf, type MigrationInput } from 'vnf-migrator/workflow';

export async function moveVnf(request: MigrationInput): Promise<string> {
  try {
    return (await executeMigration(request)).outcome;
  } catch (error) {
    const failure = migrationFailureOf(error);
    if (failure === null) throw error;
    return failure.type;
  }
}
