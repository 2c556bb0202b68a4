import { WorkflowUpdateFailedError } from '@temporalio/client';
import { Command, Option } from 'commander';
import { workflowIdOf } from '../../client/migration-standing.js';
import { presentUser } from '../input/actor.js';
import { withTemporal } from '../temporal/context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { printJson, printLine } from '../output/print.js';
import { mustBeRunning } from '../temporal/require-running.js';

interface ResolveOptions {
  outcome: 'migrated' | 'not-migrated';
  newVnf?: string;
  actor?: string;
  reason: string;
  json?: boolean;
}

export function resolveCommand(): Command {
  return new Command('resolve')
    .description('tell a migration that waits for an operator how it ended')
    .argument('<id>', 'the workflow id, or the VNF uuid')
    .addOption(
      new Option('--outcome <outcome>', 'what you know to be true')
        .choices(['migrated', 'not-migrated'])
        .makeOptionMandatory(),
    )
    .option('--new-vnf <uuid>', "the VNF's id on the target VIM, if you know it")
    .option('--actor <name>', 'who says so; by default the user')
    .requiredOption('--reason <text>', 'how you know (required)')
    .option('--json', 'print the state after it as JSON')
    .action((id: string, options: ResolveOptions) =>
      withTemporal(async ({ migrations }) => {
        const { outcome, newVnf, actor = presentUser(), reason, json } = options;
        const resolution = {
          outcome,
          actor,
          reason,
          ...(newVnf === undefined ? {} : { newVnfUuid: newVnf }),
        };
        const workflowId = workflowIdOf(id);
        await mustBeRunning(migrations, workflowId);
        const state = await migrations.resolve(workflowId, resolution).catch(rethrowReadable);
        if (json === true) printJson({ workflowId, state });
        else printLine(`${workflowId} resolved as ${outcome}`);
      }),
    );
}

function rethrowReadable(error: unknown): never {
  if (!(error instanceof WorkflowUpdateFailedError)) throw error;
  throw new CommandError(`refused: ${error.cause?.message ?? error.message}`, { code: EXIT.failed });
}
