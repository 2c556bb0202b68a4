/** Shared parts of the commands that send an order to a campaign. */
import { campaignLabel } from '../../../shared/names.js';
import { WorkflowNotFoundError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { Command } from 'commander';
import type { CampaignClient } from '../../../client/campaign-client.js';
import type { ControlInput, ControlName } from '../../../shared/campaign/contract.js';
import type { CampaignProgress } from '../../../shared/campaign/views.js';
import { presentUser } from '../../input/actor.js';
import { withTemporal, type Context } from '../../temporal/context.js';
import { CommandError } from '../../exit-codes.js';
import { printJson, printLine } from '../../output/print.js';
import { actorOption } from '../../input/campaign-options.js';
import { findCampaign, type FoundCampaign } from '../../../client/find-campaign.js';
import { countsText, stateText } from '../../output/campaign-text.js';

export interface OrderOptions {
  actor?: string;
  reason: string;
  json?: boolean;
}

export function orderCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<name>', 'its name, or its workflow id')
    .addOption(actorOption())
    .requiredOption('--reason <text>', 'why, for the audit trail (required)')
    .option('--json', 'print the progress after it as JSON');
}

export function byWhom({ actor = presentUser(), reason }: OrderOptions): { actor: string; reason: string } {
  return { actor, reason };
}

/** @throws CommandError if the campaign has ended */
export async function withRunning<T>(
  name: string,
  act: (context: Context, workflowId: string) => Promise<T>,
): Promise<T> {
  return await withTemporal(async (context) => {
    const { workflowId, isRunning } = await findCampaign(context, name);
    if (!isRunning) throw hasEnded({ workflowId });
    return await act(context, workflowId);
  });
}

function hasEnded({ workflowId }: Pick<FoundCampaign, 'workflowId'>): CommandError {
  return new CommandError(`${campaignLabel(workflowId)} has ended already (vnf-migrator campaign report)`);
}

/** Sends the order and returns the progress after it. @throws CommandError, ControlRefusedError */
export async function give<Name extends ControlName>(
  campaigns: CampaignClient,
  { workflowId, order, input }: { workflowId: string; order: Name; input: ControlInput<Name> },
): Promise<CampaignProgress> {
  try {
    return await campaigns.control(workflowId, { order, input });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw hasEnded({ workflowId });
    if (!(error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)) throw error;
    throw new CommandError(
      'no worker answered in time, so the order may come into force later: is one running? ' +
        `See: vnf-migrator campaign watch ${campaignLabel(workflowId)}`,
    );
  }
}

export function tellProgress(
  progress: CampaignProgress,
  { name, json }: { name: string; json: boolean },
): void {
  if (json) printJson(progress);
  else printLine(`${name}: ${stateText(progress.state)}; ${countsText(progress.counts)}`);
}

type PlainOrder = 'pause' | 'resume' | 'abort' | 'approve' | 'startNow';

/** Gives one order to a running campaign, and prints the progress after it. */
export async function giveAndTell<Name extends ControlName>(
  name: string,
  { options, order, input }: { options: OrderOptions; order: Name; input: ControlInput<Name> },
): Promise<void> {
  await withRunning(name, async ({ campaigns }, workflowId) => {
    const progress = await give(campaigns, { workflowId, order, input });
    tellProgress(progress, { name, json: options.json === true });
  });
}

/** A command whose order carries only an actor and a reason. */
function plainOrder(order: PlainOrder, description: string): Command {
  return orderCommand(order === 'startNow' ? 'start-now' : order, description).action(
    (name: string, options: OrderOptions) => giveAndTell(name, { options, order, input: byWhom(options) }),
  );
}

export function pauseCommand(): Command {
  return plainOrder('pause', 'start no more items until `resume`; running migrations continue');
}

export function resumeCommand(): Command {
  return plainOrder('resume', 'resume after any pause; the budget counts errors in a row from 0 again');
}

export function abortCommand(): Command {
  return plainOrder('abort', 'cancel what has not begun, and end when what runs has ended');
}

export function approveCommand(): Command {
  return plainOrder('approve', 'open the gate that it waits at: after the canary, or between two waves');
}

export function startNowCommand(): Command {
  return plainOrder(
    'startNow',
    'start items in spite of windows, --not-before and soak, until the windows change next',
  );
}
