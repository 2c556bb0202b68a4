import { Command } from 'commander';
import { MigrationError } from '../../client/errors.js';
import type { Ending } from '../../client/migration-outcome.js';
import { migrationStanding, workflowIdOf } from '../../client/migration-standing.js';
import type { AttemptView, MigrationState } from '../../shared/migration/contract.js';
import { vimLabel } from '../../shared/vim/vim.js';
import { withTemporal, type Context } from '../temporal/context.js';
import { CommandError } from '../exit-codes.js';
import { endingLineOf } from '../follow/migration.js';
import { permitText } from '../output/migration-progress.js';
import { printJson, printLine } from '../output/print.js';

export function statusCommand(): Command {
  return new Command('status')
    .description('tell where a migration stands, what was sent, what was answered, and what that rests on')
    .argument('<id>', 'the workflow id, or the VNF uuid')
    .option('--json', 'print it as JSON')
    .action((id: string, options: { json?: boolean }) =>
      withTemporal((context) => status(context, { id, ...options })),
    );
}

async function status({ migrations }: Context, { id, json }: { id: string; json?: boolean }): Promise<void> {
  const standing = await migrationStanding(migrations, workflowIdOf(id));
  const { workflowId, status: temporalStatus, state, result, failure, unavailable } = standing;
  if (unavailable !== null) {
    const what = `${workflowId} runs, but no worker answers for it (is one running?)`;
    throw new CommandError(`${what}: ${unavailable}`);
  }
  if (json === true) {
    const what = state === null ? { result, failure } : { state };
    printJson({ workflowId, temporalStatus, ...what });
  } else if (state !== null) printState(workflowId, state);
  else if (result !== null) printEnding(workflowId, { kind: 'result', result });
  else if (failure !== null) printEnding(workflowId, { kind: 'error', error: new MigrationError(failure) });
}

function printEnding(workflowId: string, ending: Ending): void {
  printLine(`${workflowId}: ${endingLineOf(ending).line}`);
  const attempts = ending.kind === 'result' ? ending.result.attempts : (ending.error.state?.attempts ?? []);
  printAttempts(attempts);
}

function printState(workflowId: string, state: MigrationState): void {
  const until = state.nextStepAt === null ? '' : `, until ${state.nextStepAt} at most`;
  printLine(`${workflowId}: ${state.phase}${until}`);
  if (state.request !== null) {
    const { vnfUuid, serviceInstanceUuid, vimUuid } = state.request;
    const { vnfName, serviceName, sourceVimName, targetVimName } = state;
    const vnf = `VNF ${labelOf(vnfUuid, vnfName)} of service ${labelOf(serviceInstanceUuid, serviceName)}`;
    const from = sourceVimName == null ? '' : ` from VIM ${sourceVimName}`;
    printLine(`  ${vnf}${from} to VIM ${labelOf(vimUuid, targetVimName)}`);
  }
  printLine(`  started ${state.startedAt}, deadline ${state.deadlineAt ?? 'none'}`);
  if (state.permit?.state === 'waiting') printLine(`  ${permitText(state.permit)}`);
  if (state.trouble !== null) printLine(`  ${state.trouble}`);
  if (state.warning != null) printLine(`  ${state.warning}`);
  printAttempts(state.attempts);
}

/** Its name first, where it has one. */
function labelOf(uuid: string, name: string | null | undefined): string {
  return vimLabel({ uuid, name: name ?? null });
}

function printAttempts(attempts: readonly AttemptView[]): void {
  for (const attempt of attempts) {
    printLine(
      `  request ${String(attempt.number)} (${attempt.reason}), ${attempt.sent}, ${attempt.startedAt}`,
    );
    printLine(`    ${attempt.correlationId}`);
    for (const { at, status, error, isFinal, topic } of attempt.replies) {
      const text = error === null ? '' : ` ${error}`;
      printLine(`    ${at} ${status}${text} (${isFinal ? 'final' : 'first response'}, ${topic})`);
    }
    for (const note of attempt.notes) printLine(`    ${note}`);
  }
}
