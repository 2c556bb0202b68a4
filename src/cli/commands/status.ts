import { Command } from 'commander';
import { endingOf } from '../../client/migration-outcome.js';
import type { migrateVnf } from '../../workflows/index.js';
import type { AttemptView, MigrationState } from '../../shared/migration/contract.js';
import { vimLabel } from '../../shared/vim/vim.js';
import { workflowIdOf } from '../input/arguments.js';
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

async function status(
  { client, migrations }: Context,
  { id, json }: { id: string; json?: boolean },
): Promise<void> {
  const workflowId = workflowIdOf(id);
  const description = await migrations.describe(workflowId);
  const temporalStatus = description.status.name;
  if (temporalStatus === 'RUNNING') {
    const state = await stateOf(migrations, workflowId);
    if (json === true) {
      printJson({ workflowId, temporalStatus, state });
      return;
    }
    printState(workflowId, state);
    return;
  }
  const ending = await endingOf(client.workflow.getHandle<typeof migrateVnf>(workflowId));
  if (json === true) {
    const { type, message, state } =
      ending.kind === 'error' ? ending.error : { type: null, message: null, state: null };
    const result = ending.kind === 'result' ? ending.result : null;
    printJson({
      workflowId,
      temporalStatus,
      result,
      failure: result === null ? { type, message, state } : null,
    });
    return;
  }
  printLine(`${workflowId}: ${endingLineOf(ending).line}`);
  const attempts = ending.kind === 'result' ? ending.result.attempts : (ending.error.state?.attempts ?? []);
  printAttempts(attempts);
}

async function stateOf(migrations: Context['migrations'], workflowId: string): Promise<MigrationState> {
  try {
    return await migrations.status(workflowId);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${workflowId} runs, but no worker answers for it (is one running?): ${reason}`);
  }
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
