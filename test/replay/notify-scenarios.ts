/**
 * The recorded notifications of a receiver: how the last run of each ends, as `endingOf` reports it, and how it is
 * played.
 */
import { randomUUID } from 'node:crypto';
import type { DeliveryOutcome } from '../../src/activities/deliver-notifications.js';
import type { CampaignEvent, NotifyEvent } from '../../src/shared/notify/contract.js';
import { notifySignal } from '../../src/workflows/messages.js';
import type { ContinuedNotify, notifyReceiver } from '../../src/workflows/notify/notify-receiver.js';
import { BareWorkflow } from '../support/bare-workflow.js';
import type { History, Rig, RigOptions } from '../support/rig.js';

interface NotifyScenario {
  ending: string;
  /** What the activity returns, one after the other; then everything is delivered. */
  outcomes: readonly DeliveryOutcome[];
  continued: ContinuedNotify;
}

const problem = { reason: 'a test', retryAfterMs: null } as const;
const refused: DeliveryOutcome = { delivered: 0, problem: { ...problem, kind: 'refused' } };
const away: DeliveryOutcome = { delivered: 1, problem: { ...problem, kind: 'unreachable' } };
const gone: DeliveryOutcome = { delivered: 1, problem: { ...problem, kind: 'gone' } };
const policy = { firstPauseMs: 20, longestPauseMs: 100 };

export const NOTIFICATIONS: Readonly<Record<string, NotifyScenario>> = {
  'notify-after-failures': {
    ending: '3 delivered, 0 lost',
    outcomes: [refused, refused, away],
    continued: { policy, idleCheckMs: 200 },
  },
  'notify-too-late': {
    ending: '2 delivered, 1 lost',
    outcomes: [refused],
    continued: { policy: { ...policy, keepForMs: 1 } },
  },
  'notify-gone': { ending: '1 delivered, 2 lost', outcomes: [gone], continued: { policy } },
  'notify-several-runs': {
    ending: '3 delivered, 0 lost',
    outcomes: Array.from({ length: 6 }, () => refused),
    continued: { policy, eventsPerRun: 30 },
  },
};

/** A rig whose receiver answers as the scenario says. */
export function rigOf({ outcomes }: NotifyScenario): RigOptions {
  const left = [...outcomes];
  return {
    around: () => ({
      deliverNotifications: ({ events }) =>
        Promise.resolve(left.shift() ?? { delivered: events.length, problem: null }),
    }),
  };
}

/** Its runs, first run first. */
export async function playNotifications(rig: Rig, { continued }: NotifyScenario): Promise<History[]> {
  const campaign = await BareWorkflow.start(rig.client, `vnf-campaign/${randomUUID()}`);
  const workflowId = `${campaign.workflowId}/notify/ops`;
  const { taskQueue } = rig;
  const handle = await rig.client.workflow.start<typeof notifyReceiver>('notifyReceiver', {
    ...{ workflowId, taskQueue, args: [{ campaignId: campaign.workflowId, receiver: 'ops' }, continued] },
  });
  rig.adopt(workflowId, handle.firstExecutionRunId);
  const told = rig.client.workflow.getHandle(workflowId);
  // Longer than the idle check, where there is one.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await told.signal(notifySignal, { events: [event('started'), event('item-failed'), event('ended')] });
  await handle.result();
  return (await rig.chain(workflowId, handle.firstExecutionRunId)).map(({ history }) => history);
}

function event(type: NotifyEvent): CampaignEvent {
  const data = { campaign: 'c', state: 'RUNNING', counts: { FAILED: 1 } };
  return { id: `run-${type}`, type, atMs: Date.now(), data };
}
