import { Command } from 'commander';
import { presentUser } from '../../input/actor.js';
import { actorOption } from '../../input/campaign-options.js';
import { printJson, printLine } from '../../output/print.js';
import { withTemporal } from '../../temporal/context.js';

interface ClearOptions {
  actor?: string;
  reason: string;
  json?: boolean;
}

export function clearCommand(): Command {
  return new Command('clear')
    .description('end all limits: what waits for them may go')
    .addOption(actorOption())
    .requiredOption('--reason <text>', 'why, for the audit trail (required)')
    .option('--json', 'print the state after it as JSON')
    .action(({ actor = presentUser(), reason, json }: ClearOptions) =>
      withTemporal(async ({ limits }) => {
        const state = await limits.clear({ actor, reason });
        if (json === true) printJson(state);
        else printLine('cleared: no limits are set');
      }),
    );
}
