import { randomBytes } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCheckReceivers } from '../../../src/activities/check-receivers.js';
import {
  createDeliverNotifications,
  type DeliveryOutcome,
} from '../../../src/activities/deliver-notifications.js';
import { Receiver, type Receivers } from '../../../src/notify/receiver.js';
import type { CampaignEvent } from '../../../src/shared/notify/contract.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';

let ops: WebhookReceiver;
beforeEach(async () => {
  ops = await WebhookReceiver.open();
});
afterEach(() => ops.close());

const EVENTS = ['a', 'b', 'c', 'd'].map((id): CampaignEvent => ({
  ...{ id, type: 'paused', atMs: 0, data: { campaign: 'x', state: 'PAUSED', counts: {} } },
}));

/** One try of the activity; the one before it counted so many as delivered. */
async function deliver(heartbeatDetails?: number): Promise<DeliveryOutcome> {
  const receivers: Receivers = new Map([['ops', new Receiver(ops)]]);
  const environment = new MockActivityEnvironment({ heartbeatDetails });
  const input = { campaignId: 'vnf-campaign/x', receiver: 'ops', events: EVENTS };
  return await environment.run(createDeliverNotifications({ receivers }), input);
}

describe('the delivery', () => {
  it('goes on where the last try was cut off', async () => {
    expect(await deliver(2)).toEqual({ delivered: 4, problem: null });
    expect(ops.asked).toEqual(['c', 'd']);
  });

  it('stops at the first event that is refused, and counts what came before', async () => {
    ops.answers.push(204, 204, 500);
    expect(await deliver(1)).toMatchObject({ delivered: 3, problem: { kind: 'refused' } });
    expect(ops.asked).toEqual(['b', 'c', 'd']);
  });
});

describe('the check of receivers', () => {
  it('returns the names that this worker does not know', async () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const receivers: Receivers = new Map([['ops', new Receiver({ url: 'http://h', secret })]]);
    const check = createCheckReceivers({ receivers });
    expect(await check({ names: ['ops', 'opps', 'chat'] })).toEqual(['opps', 'chat']);
    expect(await check({ names: [] })).toEqual([]);
  });
});
