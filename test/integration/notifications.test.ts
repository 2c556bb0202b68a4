/** Events of a campaign on their way to receivers that are away, slow, broken or gone, on a real Temporal. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { afterAll, afterEach, describe, expect, inject } from 'vitest';
import { parseReceivers } from '../../src/notify/receivers-file.js';
import type { Receivers } from '../../src/notify/receiver.js';
import {
  notifyWorkflowId,
  type CampaignEvent,
  type NotificationLost,
  type NotifyEvent,
} from '../../src/shared/notify/contract.js';
import { notifySignal } from '../../src/workflows/messages.js';
import type { notifyReceiver } from '../../src/workflows/notify/notify-receiver.js';
import type { ContinuedNotify } from '../../src/workflows/notify/notify-receiver.js';
import { BareWorkflow } from '../support/bare-workflow.js';
import { runCli, startCli } from '../support/cli.js';
import { lineOf, stopped } from '../support/processes.js';
import { eventually, it, type History, type Rig } from '../support/rig.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

/** For one try of the workers here. */
const TIMEOUT_MS = 300;
const QUICK = { firstPauseMs: 20, longestPauseMs: 100 } as const;

const opened: WebhookReceiver[] = [];
const folder = mkdtempSync(join(tmpdir(), 'notifications-'));
afterEach(() => {
  for (const receiver of opened.splice(0)) receiver.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function receiver({ listens = true } = {}): Promise<WebhookReceiver> {
  const own = await (listens ? WebhookReceiver.open() : WebhookReceiver.reserve());
  opened.push(own);
  return own;
}

function fileOf({ url, secret }: WebhookReceiver, more = ''): string {
  return `ops:\n  url: ${url}\n  secret: ${secret}\n${more}`;
}

function receiversOf(text: string): Receivers {
  const parsed = parseReceivers(text);
  if (parsed.kind === 'wrong') throw new Error(parsed.problems.join());
  return parsed.receivers;
}

let sequence = 0;

function event(type: NotifyEvent, { atMs = Date.now() } = {}): CampaignEvent {
  const data = { campaign: 'empty-athens', state: 'RUNNING', counts: { MIGRATED: 1 } };
  return { id: `run-${String((sequence += 1))}`, type, atMs, data };
}

const idsOf = (events: readonly CampaignEvent[]): string[] => events.map(({ id }) => id);

/** The workflow that tells `ops`, for a campaign that only receives signals. */
class Notified {
  private constructor(
    private readonly rig: Rig,
    readonly campaign: BareWorkflow,
    readonly handle: WorkflowHandleWithFirstExecutionRunId<typeof notifyReceiver>,
  ) {}

  static async start(rig: Rig, continued: ContinuedNotify = { policy: QUICK }): Promise<Notified> {
    const campaign = await BareWorkflow.start(rig.client, `vnf-campaign/${randomUUID()}`);
    const input = { campaignId: campaign.workflowId, receiver: 'ops' };
    const workflowId = notifyWorkflowId(input);
    const handle = await rig.client.workflow.start<typeof notifyReceiver>('notifyReceiver', {
      workflowId,
      taskQueue: rig.taskQueue,
      args: [input, continued],
    });
    rig.adopt(workflowId, handle.firstExecutionRunId);
    return new Notified(rig, campaign, handle);
  }

  async tell(...events: CampaignEvent[]): Promise<void> {
    await this.rig.client.workflow.getHandle(this.handle.workflowId).signal(notifySignal, { events });
  }

  /** What the campaign was told of, from its history. */
  async losses(): Promise<NotificationLost[]> {
    return signalsIn(
      await this.rig.history(this.campaign.workflowId),
      'notificationLost',
    ) as NotificationLost[];
  }

  async runs(): Promise<History[]> {
    const { workflowId, firstExecutionRunId } = this.handle;
    return (await this.rig.chain(workflowId, firstExecutionRunId)).map(({ history }) => history);
  }
}

function signalsIn({ events }: History, name: string): unknown[] {
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
    const data = signal?.signalName === name ? signal.input?.payloads?.[0]?.data : undefined;
    return data == null ? [] : [JSON.parse(Buffer.from(data).toString()) as unknown];
  });
}

/** All of a history, payloads decoded. */
function textOf(history: History): string {
  return JSON.stringify(history).replace(/"data":"([\w+/=]+)"/g, (_, payload: string) =>
    Buffer.from(payload, 'base64').toString(),
  );
}

/** Starts a rig with a worker that knows these receivers. */
type Open = (options: { notify: { receivers: Receivers; timeoutMs: number } }) => Promise<Rig>;

async function rigFor(open: Open, ops: WebhookReceiver, more = ''): Promise<Rig> {
  return await open({ notify: { receivers: receiversOf(fileOf(ops, more)), timeoutMs: TIMEOUT_MS } });
}

describe('every event is delivered once, in order', () => {
  it('to a receiver that was down at first', async ({ open }) => {
    const ops = await receiver({ listens: false });
    const notified = await Notified.start(await rigFor(open, ops));
    const events = [event('started'), event('item-failed'), event('ended')];
    await notified.tell(...events);
    await eventually(async () => {
      const { raw } = await notified.handle.describe();
      expect(Number(raw.workflowExecutionInfo?.historyLength)).toBeGreaterThan(20);
    });
    await ops.listen();
    expect(await notified.handle.result()).toEqual({ receiver: 'ops', delivered: 3, lost: 0, losses: [] });
    expect(ops.ids).toEqual(idsOf(events));
    expect(ops.received.map(({ type }) => type)).toEqual([
      'vnf-migrator.campaign.started.v1',
      'vnf-migrator.campaign.item-failed.v1',
      'vnf-migrator.campaign.ended.v1',
    ]);
    expect(ops.received[0]).toMatchObject({
      source: `/campaigns/${notified.campaign.workflowId}`,
      data: events[0]!.data,
    });
    expect(ops.forged).toEqual([]);
  });

  it('to one that fails, redirects, cuts the line and is slow now and then', async ({ open }) => {
    const ops = await receiver();
    const silent = (): void => undefined;
    const cut: (typeof ops.answers)[number] = ({ socket }) => socket.destroy();
    ops.answers.push(500, 204, 302, 307, cut, 204, silent, 503, 404, 204, 429);
    const notified = await Notified.start(await rigFor(open, ops));
    const events = [event('started'), event('paused'), event('resumed'), event('wave-ended'), event('ended')];
    await notified.tell(events[0]!, events[1]!);
    await notified.tell(...events.slice(2));
    expect(await notified.handle.result()).toMatchObject({ delivered: 5, lost: 0 });
    expect(ops.ids).toEqual(idsOf(events));
    const [a, b, c, d, e] = idsOf(events);
    expect(ops.asked).toEqual([a, a, b, b, b, b, c, c, c, c, d, d, e]);
    expect(await notified.losses()).toEqual([]);
  });

  it('over several runs of the workflow', async ({ open }) => {
    const ops = await receiver();
    ops.answers.push(500, 500, 204, 500, 204, 500, 500, 500);
    const notified = await Notified.start(await rigFor(open, ops), { policy: QUICK, eventsPerRun: 15 });
    const events = Array.from({ length: 60 }, () => event('item-failed'));
    await notified.tell(...events.slice(0, 30));
    await notified.tell(...events.slice(30));
    await notified.tell(event('ended'));
    expect(await notified.handle.result()).toMatchObject({ delivered: 61, lost: 0 });
    expect(ops.ids.slice(0, 60)).toEqual(idsOf(events));
    expect((await notified.runs()).length).toBeGreaterThan(1);
  });

  it('only of those that it has subscribed to', async ({ open }) => {
    const ops = await receiver();
    const notified = await Notified.start(await rigFor(open, ops, '  events: [paused, ended]\n'));
    const events = [event('started'), event('paused'), event('item-failed'), event('ended')];
    await notified.tell(...events);
    expect(await notified.handle.result()).toMatchObject({ delivered: 4, lost: 0 });
    expect(ops.asked).toEqual([events[1]!.id, events[3]!.id]);
  });

  it('although what is no event came between them', async ({ open }) => {
    const ops = await receiver();
    const notified = await Notified.start(await rigFor(open, ops));
    await notified.tell({ id: 'no id', type: 'started' } as CampaignEvent, event('started'));
    const raw = notified.handle;
    await raw.signal('notify', null);
    await raw.signal('notify', { events: 'all' });
    await notified.tell(event('ended'));
    expect(await raw.result()).toMatchObject({ delivered: 2, lost: 0 });
  });
});

describe('an event that is not delivered', () => {
  it('within its time is lost and told, and those after it are delivered', async ({ open }) => {
    const ops = await receiver();
    const keepForMs = 3_000;
    const old = event('started', { atMs: Date.now() - keepForMs });
    const [next, last] = [event('paused'), event('ended')];
    ops.answers.push(500);
    const notified = await Notified.start(await rigFor(open, ops), { policy: { ...QUICK, keepForMs } });
    await notified.tell(old, next, last);
    const loss = {
      ...{ receiver: 'ops', eventId: old.id, eventType: 'started', count: 1 },
      reason: expect.stringMatching(
        /^not delivered within 3s: 127\.0\.0\.1:\d+ answered HTTP 500$/,
      ) as string,
    };
    expect(await notified.handle.result()).toEqual({
      receiver: 'ops',
      delivered: 2,
      lost: 1,
      losses: [loss],
    });
    expect(await notified.losses()).toEqual([loss]);
    expect(ops.ids).toEqual([next.id, last.id]);
  });

  it('because the receiver is gone ends the sending, and that is told once', async ({ open }) => {
    const ops = await receiver();
    ops.answers.push(204, 410);
    const notified = await Notified.start(await rigFor(open, ops));
    const events = [event('started'), event('paused'), event('resumed')];
    await notified.tell(...events);
    await eventually(async () => expect(await notified.losses()).toHaveLength(1));
    await notified.tell(event('item-failed'));
    await notified.tell(event('ended'));
    expect(await notified.handle.result()).toMatchObject({ delivered: 1, lost: 4 });
    const gone = { eventId: events[1]!.id, count: 2, reason: expect.stringContaining('HTTP 410') as string };
    expect(await notified.losses()).toMatchObject([gone]);
    expect(ops.asked).toEqual([events[0]!.id, events[1]!.id]);
  });

  it('because no worker knows the receiver says so', async ({ open }) => {
    const others = receiversOf(fileOf(await receiver()).replace('ops', 'others'));
    const rig = await open({ notify: { receivers: others, timeoutMs: TIMEOUT_MS } });
    const notified = await Notified.start(rig, { policy: { ...QUICK, keepForMs: 1_000 } });
    await notified.tell(event('started'), event('ended'));
    expect(await notified.handle.result()).toMatchObject({ delivered: 0, lost: 2 });
    const [loss] = await notified.losses();
    expect(loss?.reason).toBe('not delivered within 1s: no receiver ops in NOTIFY_FILE');
  });

  it('is no matter of a campaign that has ended', async ({ open }) => {
    const ops = await receiver();
    ops.answers.push(410);
    const notified = await Notified.start(await rigFor(open, ops));
    await notified.campaign.terminate();
    await notified.tell(event('started'), event('ended'));
    expect(await notified.handle.result()).toMatchObject({ delivered: 0, lost: 2 });
  });
});

describe('a campaign that ends without saying so', () => {
  it('ends the workflow, once what waits is delivered', async ({ open }) => {
    const ops = await receiver();
    const notified = await Notified.start(await rigFor(open, ops), { policy: QUICK, idleCheckMs: 500 });
    await notified.tell(event('started'));
    await eventually(() => expect(ops.received).toHaveLength(1));
    // While it goes on, nothing ends.
    await eventually(async () =>
      expect(textOf(...((await notified.runs()) as [History]))).toContain('isRunning'),
    );
    expect((await notified.handle.describe()).status.name).toBe('RUNNING');
    await notified.campaign.terminate();
    expect(await notified.handle.result()).toMatchObject({ delivered: 1, lost: 0 });
  });
});

describe('a worker', () => {
  const { temporalAddress, amqpUrl } = inject('stack');

  function environment(file: string): NodeJS.ProcessEnv {
    const own = `notify-${randomUUID().slice(0, 8)}`;
    return {
      ...{ TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_TASK_QUEUE: own, DEPLOYMENT: own, LOG_LEVEL: 'trace' },
      ...{ AMQP_URL: amqpUrl, AMQP_EXCHANGE: own, NOTIFY_FILE: file },
    };
  }

  function written(text: string): string {
    const file = join(folder, randomUUID());
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  it('keeps what is secret of a receiver out of histories, logs and outputs', async ({ rig }) => {
    const ops = await receiver();
    const url =
      ops.url.replace('http://', 'http://canary-user:canary-word@') + '/canary-path?token=canary-token';
    const env = environment(written(fileOf(ops).replace(ops.url, url)));
    // It repeats all that it was sent.
    const echo: (typeof ops.answers)[number] = ({ url: asked, headers }, response) =>
      response.writeHead(500).end(`no: ${String(asked)} ${JSON.stringify(headers)} ${ops.secret}`);
    ops.answers.push(echo, echo, echo);
    const worker = startCli(['worker'], env);
    await lineOf(worker, /started the worker/);
    const campaignId = `vnf-campaign/${randomUUID()}`;
    const handle = await rig.client.workflow.start<typeof notifyReceiver>('notifyReceiver', {
      workflowId: notifyWorkflowId({ campaignId, receiver: 'ops' }),
      taskQueue: env['TEMPORAL_TASK_QUEUE']!,
      args: [{ campaignId, receiver: 'ops' }, { policy: QUICK }],
    });
    await handle.signal(notifySignal, { events: [event('started'), event('ended')] });
    expect(await handle.result()).toMatchObject({ delivered: 2, lost: 0 });
    // Without a broker it does not wait for the list of VIMs.
    const doctor = await runCli(['doctor'], { ...env, AMQP_URL: 'amqp://127.0.0.1:1' });
    expect(await stopped(worker)).toBe(0);
    const history = textOf(await handle.fetchHistory());
    expect(history).toContain('answered HTTP 500: no: ');
    expect(worker.said()).toContain('"receivers":["ops"]');
    expect(worker.said()).toContain('answered HTTP 500: no: ');
    expect(doctor.stdout).toMatch(/^ok +receivers of notifications: ops \(127\.0\.0\.1:\d+\)/m);
    const key = ops.secret.replace('whsec_', '');
    for (const told of [history, worker.said(), doctor.stdout, doctor.stderr]) {
      expect(told).not.toMatch(/canary|Y2FuYXJ5/);
      expect(told).not.toContain(key);
    }
  });

  it('does not start with a wrong file, and names what is wrong', async () => {
    const ops = await receiver();
    const file = written(fileOf(ops).replace('whsec_', 'whsec-') + '  events: [canary]\n');
    for (const command of ['worker', 'doctor']) {
      const { code, stdout, stderr } = await runCli([command], environment(file));
      expect(code).toBe(2);
      expect(stderr).toMatch(/NOTIFY_FILE: receiver ops: secret: expected/);
      expect(stderr).toMatch(/NOTIFY_FILE: receiver ops: events: number 1: expected one of started/);
      for (const told of [stdout, stderr]) {
        expect(told).not.toContain(ops.secret.replace('whsec_', ''));
        expect(told).not.toMatch(/canary/);
      }
    }
  });
});
