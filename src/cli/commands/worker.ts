import { Command } from 'commander';
import { loadConfig } from '../../settings/config.js';
import { createLogger } from '../../observability/logger.js';
import type { Role } from '../../worker.js';
import { untilSignalled } from '../follow/signals.js';

export function workerCommand(): Command {
  return new Command('worker')
    .description('run the worker, and the reply listener beside it')
    .option('--no-listener', 'run the worker alone; listeners run elsewhere (vnf-migrator listener)')
    .action(async ({ listener }: { listener: boolean }) => {
      await runRoles(listener ? ['worker', 'listener'] : ['worker']);
    });
}

/** Runs until SIGTERM or SIGINT, then completes the work in progress. */
export async function runRoles(roles: readonly Role[]): Promise<void> {
  const config = loadConfig(process.env);
  const signal = untilSignalled();
  // This import takes half of the start time of a command, and only this command needs it.
  const { run } = await import('../../worker.js');
  await run({ config, roles, log: createLogger({ level: config.logLevel }), signal });
}
