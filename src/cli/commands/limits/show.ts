import { Command } from 'commander';
import type { LimitsState } from '../../../shared/limits/contract.js';
import { CommandError } from '../../exit-codes.js';
import { printJson, printLine } from '../../output/print.js';
import { withTemporal, type Context } from '../../temporal/context.js';
import { tellLimits } from './tell-limits.js';

export function showCommand(): Command {
  return new Command('show')
    .description('show the limits, what is in flight under them, what waits and why, and who ordered them')
    .option('--json', 'print them as JSON')
    .action(({ json }: { json?: boolean }) =>
      withTemporal(async ({ limits, config }) => {
        const state = await stateOf(limits);
        if (state !== null) await tellLimits(state, { config, json: json === true });
        else if (json === true) printJson({ limits: null });
        else printLine('no limits are set');
      }),
    );
}

async function stateOf(limits: Context['limits']): Promise<LimitsState | null> {
  try {
    return await limits.state();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`limits are set, but no worker answers for them (is one running?): ${reason}`);
  }
}
