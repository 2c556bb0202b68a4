import { campaignLabel } from '../../../shared/names.js';
import type { Command } from 'commander';
import { retryOfEnded } from '../../../client/campaign-again.js';
import { withTemporal, type Context } from '../../temporal/context.js';
import { CommandError } from '../../exit-codes.js';
import { anywayOption } from '../../input/campaign-options.js';
import { byWhom, give, orderCommand, tellProgress, type OrderOptions } from './control.js';
import { findCampaign } from '../../../client/find-campaign.js';
import { startAnew, type AnewOptions } from './start-anew.js';

type RetryOptions = OrderOptions & AnewOptions & { name?: string };

export function retryFailedCommand(): Command {
  return orderCommand('retry-failed', 'take up again what failed, is unknown, was cancelled or never began')
    .option('--name <name>', 'of a campaign that has ended: the name of the new one, by default <name>~2')
    .addOption(anywayOption())
    .option('--no-wait', 'of a campaign that has ended: start the new one, and leave it to itself')
    .addHelpText(
      'after',
      `
A campaign that runs takes its failed items up again, as a new generation. One that has ended stays as it is: a new
one, <name>~2, moves what it left, by the present ids of the VNFs, with the same limits, budget and policy.`,
    )
    .action((name: string, options: RetryOptions) =>
      withTemporal(async (context) => {
        const { workflowId, isRunning } = await findCampaign(context, name);
        if (!isRunning) {
          await retryEnded(context, { workflowId, options });
          return;
        }
        const input = byWhom(options);
        const progress = await give(context.campaigns, { workflowId, order: 'retryFailed', input });
        tellProgress(progress, { name, json: options.json === true });
      }),
    );
}

async function retryEnded(
  context: Context,
  { workflowId: from, options }: { workflowId: string; options: RetryOptions },
): Promise<void> {
  const again = await retryOfEnded(context.campaigns, {
    workflowId: from,
    name: options.name,
    ...byWhom(options),
  });
  if (again === null) throw new CommandError(`${campaignLabel(from)} left nothing to take up again`);
  await startAnew(context, { anew: { ...again, from }, options });
}
