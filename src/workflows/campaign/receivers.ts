/**
 * Hands the events of a campaign to the workflows that deliver them, one for each receiver.
 *
 * Invariant: a receiver never holds the campaign up, nor fails it: its workflow outlives the campaign, and what cannot
 * be handed over is in the audit trail.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { campaignLabel } from '../../shared/names.js';
import { campaignEventId, notifyWorkflowId, type CampaignEvent } from '../../shared/notify/contract.js';
import { notifySignal } from '../messages.js';
import type { notifyReceiver } from '../notify/notify-receiver.js';
import { nowMs } from '../runtime/clock.js';
import { handedOver, nextOutgoing, outboxOf, receiversOf } from './outbox.js';
import type { Outgoing } from './outbox-shape.js';
import type { CampaignState } from './state.js';

/** Hands over what there is now. */
export async function handOver(state: CampaignState): Promise<void> {
  const outgoing = nextOutgoing(state.facts);
  const events = outgoing.map(eventOf);
  await CancellationScope.nonCancellable(() =>
    Promise.all(receiversOf(state.facts).map((receiver) => give(state, { receiver, events }))),
  );
  handedOver(state.facts, outgoing);
}

interface Gift {
  receiver: string;
  events: CampaignEvent[];
}

async function give(state: CampaignState, { receiver, events }: Gift): Promise<void> {
  const campaignId = workflowInfo().workflowId;
  const { begun } = outboxOf(state.facts);
  try {
    if (!begun.includes(receiver)) {
      await begin({ campaignId, receiver });
      begun.push(receiver);
    }
    try {
      await signal({ campaignId, receiver, events });
    } catch {
      // It has ended meanwhile.
      await begin({ campaignId, receiver });
      await signal({ campaignId, receiver, events });
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const reason = `${receiver}: ${String(events.length)} events were not handed over: ${why}`;
    state.audit.add({ atMs: nowMs(), actor: null, action: 'notification-lost', reason });
  }
}

/** That of the last campaign of this name may still deliver. */
async function begin(input: { campaignId: string; receiver: string }): Promise<void> {
  try {
    await startChild<typeof notifyReceiver>('notifyReceiver', {
      workflowId: notifyWorkflowId(input),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `events for ${input.receiver}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function signal({ campaignId, receiver, events }: Gift & { campaignId: string }): Promise<void> {
  const handle = getExternalWorkflowHandle(notifyWorkflowId({ campaignId, receiver }));
  await handle.signal(notifySignal, { events });
}

function eventOf({ sequence, type, atMs, data }: Outgoing): CampaignEvent {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const campaign = campaignLabel(workflowId);
  return { id: campaignEventId({ firstRunId, sequence }), type, atMs, data: { ...data, campaign } };
}
