import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { workflowIdOf } from '../../client/migration-standing.js';
import { withTemporal } from '../temporal/context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { endingLineOf } from '../follow/migration.js';
import { printJson, printLine } from '../output/print.js';
import { mustBeRunning } from '../temporal/require-running.js';

export function cancelCommand(): Command {
  return new Command('cancel')
    .description('stop waiting for a migration; what the MANO has begun, it ends by itself')
    .argument('<id>', 'the workflow id, or the VNF uuid')
    .option('--json', 'print the end as JSON')
    .action((id: string, { json }: { json?: boolean }) =>
      withTemporal(async ({ migrations }) => {
        const workflowId = workflowIdOf(id);
        await mustBeRunning(migrations, workflowId);
        await migrations.cancel(workflowId);
        const patience = new AbortController();
        const late = delay(NO_WORKER_AFTER_MS, null, { signal: patience.signal }).catch(() => null);
        const ending = await Promise.race([migrations.ending(workflowId), late]);
        patience.abort();
        if (ending === null) {
          throw new CommandError(
            `asked ${workflowId} to stop waiting, but no worker answers for it yet: is one running?`,
          );
        }
        if (ending.kind === 'result' || ending.error.type !== null) {
          // The migration had its result before the cancellation arrived.
          const { line, code } = endingLineOf(ending);
          if (json === true) printJson({ workflowId, cancelled: false, message: line });
          else printLine(`not cancelled: ${line}`);
          process.exitCode = code;
          return;
        }
        const mayBeRunning = ending.error.state?.mayBeRunning ?? true;
        if (json === true) printJson({ workflowId, cancelled: true, mayBeRunning });
        else
          printLine(
            `${workflowId} cancelled; ${mayBeRunning ? MAY_RUN : 'no request of it is at work in the MANO'}`,
          );
        process.exitCode = mayBeRunning ? EXIT.unknown : EXIT.ok;
      }),
    );
}

/**
 * A publish in progress completes before the cancellation takes effect. Without a worker, no result ever arrives.
 */
const NO_WORKER_AFTER_MS = 15_000;
const MAY_RUN = 'its request may still be at work in the MANO, which cannot be stopped';
