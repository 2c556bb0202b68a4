/** Shared part of the commands that start a campaign made of another one. */
import type { CampaignAgain } from '../../../client/campaign-again.js';
import type { Context } from '../../temporal/context.js';
import { printJson, printLine } from '../../output/print.js';
import { followToTheEnd } from '../../follow/campaign.js';

export interface AnewOptions {
  wait: boolean;
  anyway?: boolean;
  json?: boolean;
}

export interface Anew extends CampaignAgain {
  /** The workflow id of the campaign that it is made of. */
  from: string;
}

export async function startAnew(
  { campaigns }: Context,
  { anew, options }: { anew: Anew; options: AnewOptions },
): Promise<void> {
  const { from, name, input } = anew;
  const json = options.json === true;
  const { workflowId, isNew } = await campaigns.start(input, { name, anyway: options.anyway === true });
  if (json) printJson({ workflowId, isNew });
  else
    printLine(
      `${workflowId} ${isNew ? 'started' : 'runs already'}: ${input.items?.length ?? 0} items of ${from}`,
    );
  warnOfDefaults(anew);
  if (options.wait) await followToTheEnd(campaigns, { workflowId, json });
}

export function warnOfDefaults({ from, knowsSettings }: Pick<Anew, 'from' | 'knowsSettings'>): void {
  if (knowsSettings) return;
  process.stderr.write(
    `what ${from} was started with is no longer known: the default limits, budget and policy hold\n`,
  );
}
