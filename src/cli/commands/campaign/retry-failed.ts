import type { Command } from 'commander';
import { nameOfRetry } from '../../../client/campaign-client.js';
import { withTemporal, type Context } from '../../temporal/context.js';
import { CommandError } from '../../exit-codes.js';
import { printJson, printLine } from '../../output/print.js';
import { followToTheEnd } from '../../follow/campaign.js';
import { byWhom, give, orderCommand, tellProgress, type OrderOptions } from './control.js';
import { findCampaign } from '../../temporal/find-campaign.js';
import { labelOf } from '../../output/campaign-text.js';

interface RetryOptions extends OrderOptions {
  wait: boolean;
}

export function retryFailedCommand(): Command {
  return orderCommand('retry-failed', 'take up again what failed, is unknown, was cancelled or never began')
    .option('--no-wait', 'of a campaign that has ended: start the new one, and leave it to itself')
    .addHelpText(
      'after',
      `
A campaign that runs takes its failed items up again, as a new generation. One that has ended stays as it is: a new
one, <name>~2, moves what it left, by the present ids of the VNFs, with the same limits, budget and policy.`,
    )
    .action((name: string, options: RetryOptions) =>
      withTemporal(async (context) => {
        const { workflowId, isRunning } = await findCampaign(context.campaigns, name);
        if (!isRunning) {
          await startAnew(context, { workflowId, options });
          return;
        }
        const input = byWhom(options);
        const progress = await give(context.campaigns, { workflowId, order: 'retryFailed', input });
        tellProgress(progress, { name, json: options.json === true });
      }),
    );
}

async function startAnew(
  { campaigns }: Context,
  { workflowId: old, options }: { workflowId: string; options: RetryOptions },
): Promise<void> {
  const left = await campaigns.leftOver(old);
  if (left === null) throw new CommandError(`${labelOf(old)} left nothing to take up again`);
  const name = nameOfRetry(labelOf(old));
  const { workflowId, isNew } = await campaigns.start({ ...left.input, ...byWhom(options) }, { name });
  const json = options.json === true;
  if (json) printJson({ workflowId, isNew });
  else
    printLine(
      `${workflowId} ${isNew ? 'started' : 'runs already'}: ${left.input.items?.length ?? 0} items of ${old}`,
    );
  if (!left.knowsSettings)
    process.stderr.write(
      `${old} was not started by vnf-migrator: the default limits, budget and policy hold\n`,
    );
  if (options.wait) await followToTheEnd(campaigns, { workflowId, json });
}
