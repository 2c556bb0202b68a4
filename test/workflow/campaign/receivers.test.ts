/** Campaigns that tell receivers, on a real Temporal, with webhook receivers that are not always there. */
import { afterEach, describe, expect } from 'vitest';
import { parseReceivers } from '../../../src/notify/receivers-file.js';
import { notifyWorkflowId } from '../../../src/shared/notify/contract.js';
import { CampaignOnRig, goodTasks, listOf } from '../../support/campaigns.js';
import { eventually, it, type Rig } from '../../support/rig.js';
import { ack, finalError } from '../../support/scripted-mano.js';
import { newTask } from '../../support/tasks.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';

const opened: WebhookReceiver[] = [];
afterEach(() => {
  for (const receiver of opened.splice(0)) receiver.close();
});

async function receiver({ listens = true } = {}): Promise<WebhookReceiver> {
  const own = await (listens ? WebhookReceiver.open() : WebhookReceiver.reserve());
  opened.push(own);
  return own;
}

type Open = (options: object) => Promise<Rig>;

async function rigFor(open: Open, receivers: Record<string, WebhookReceiver>): Promise<Rig> {
  const entries = Object.entries(receivers).map(
    ([name, { url, secret }]) => `${name}: { url: '${url}', secret: '${secret}' }`,
  );
  const parsed = parseReceivers(entries.join('\n'));
  if (parsed.kind === 'wrong') throw new Error(parsed.problems.join());
  return await open({ notify: { receivers: parsed.receivers, timeoutMs: 300 } });
}

const typesOf = ({ received }: WebhookReceiver): string[] =>
  received.map(({ type }) => type.replace(/^vnf-migrator\.campaign\.|\.v1$/g, ''));

describe('a campaign with receivers', () => {
  it('tells each of them its turns, in their order, and waits for none of them', async ({ open }) => {
    const [ops, away] = [await receiver(), await receiver({ listens: false })];
    const rig = await rigFor(open, { ops, away });
    const tasks = goodTasks(rig, { count: 3 });
    const bad = newTask();
    rig.mano.onMigration(bad.input.serviceInstanceUuid, () => [ack(), finalError('no room')]);
    const { items = [], ...more } = listOf([...tasks, bad]);
    const campaign = await CampaignOnRig.start(
      rig,
      {
        items: items.map((item, index) => ({ ...item, wave: index < 2 ? 1 : 2 })),
        ...{ ...more, waves: { gate: 'manual' }, notify: ['ops', 'away'], reason: 'the cooling fails' },
        budget: { maxErrors: '100%' },
      },
      // Several runs.
      { eventsPerRun: 25 },
    );
    await campaign.inState('AWAITING_APPROVAL');
    await campaign.order('approve');
    const { state } = await campaign.result();
    expect(state).toBe('COMPLETED_WITH_ERRORS');
    expect(away.received).toHaveLength(0);
    await away.listen();
    const expected = ['started', 'wave-ended', 'awaiting-approval', 'item-failed', 'wave-ended', 'ended'];
    for (const one of [ops, away]) {
      await eventually(() => expect(typesOf(one)).toHaveLength(expected.length));
      expect(typesOf(one)).toEqual(expected);
      expect(one.forged).toEqual([]);
    }
    const [started] = ops.received;
    expect(started?.data).toMatchObject({ reason: 'the cooling fails', state: 'RUNNING' });
    const failure = ops.received[3]?.data;
    expect(failure).toMatchObject({ vnfUuid: bad.input.vnfUuid, failureType: 'MigrationFailed', index: 3 });
    expect(ops.received.at(-1)?.data).toMatchObject({ state, counts: { MIGRATED: 3, FAILED: 1 } });
    const { workflowId: campaignId } = campaign.handle;
    for (const name of ['ops', 'away']) {
      const handle = rig.client.workflow.getHandle(notifyWorkflowId({ campaignId, receiver: name }));
      expect(await handle.result()).toMatchObject({ delivered: expected.length, lost: 0 });
    }
  });

  it('keeps in its trail what a receiver does not get', async ({ open }) => {
    const gone = await receiver();
    gone.answers.push(410);
    const rig = await rigFor(open, { gone });
    const tasks = goodTasks(rig, { count: 2 });
    const { items = [], ...more } = listOf(tasks);
    const input = { items, ...more, canary: { count: 1 }, notify: ['gone'] };
    const campaign = await CampaignOnRig.start(rig, input);
    await eventually(async () => {
      const lost = (await campaign.audit()).filter(({ action }) => action === 'notification-lost');
      expect(lost[0]?.reason).toMatch(/^gone did not get \d+ events, the first of them started: .*HTTP 410/);
    });
    await campaign.order('approve');
    expect((await campaign.result()).counts.MIGRATED).toBe(2);
  });

  it('that no worker knows is refused', async ({ open }) => {
    const rig = await rigFor(open, { ops: await receiver() });
    const campaign = await CampaignOnRig.start(rig, {
      ...listOf(goodTasks(rig, { count: 1 })),
      notify: ['nobody'],
    });
    expect(await campaign.failure()).toMatchObject({
      type: 'InvalidCampaign',
      message: 'notify: no receiver nobody in NOTIFY_FILE',
    });
  });

  it('tells its end when it is cancelled', async ({ open }) => {
    const ops = await receiver();
    const rig = await rigFor(open, { ops });
    const input = { ...listOf(goodTasks(rig, { count: 2 })), canary: { count: 1 }, notify: ['ops'] };
    const campaign = await CampaignOnRig.start(rig, input);
    await campaign.inState('AWAITING_APPROVAL');
    await campaign.handle.cancel();
    await eventually(() => expect(typesOf(ops).at(-1)).toBe('ended'));
    expect(ops.received.at(-1)?.data).toMatchObject({ state: 'CANCELLED' });
  });
});
