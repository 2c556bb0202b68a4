/** Campaigns over the console's API: a real Temporal and RabbitMQ, a worker, a simulated MANO. */
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { CampaignReport } from '../../src/campaign-report/report-data.js';
import { parkedQueue } from '../../src/amqp/topology.js';
import type { CampaignItemView, CampaignProgress } from '../../src/shared/campaign/views.js';
import type { CampaignView } from '../../src/console/live/campaign-source.js';
import type { ProblemBody } from '../../src/console/problem.js';
import { campaignWorkflowId } from '../../src/shared/names.js';
import { generateWorld, startSimulator, type Simulator } from '../../src/simulator/index.js';
import { startCli, type Running } from '../support/cli.js';
import { TestConsole } from '../support/console.js';
import { EventStream } from '../support/event-stream.js';
import { lineOf, stopped } from '../support/processes.js';
import { eventually } from '../support/rig.js';

const { temporalAddress, amqpUrl } = inject('stack');
const suite = `console-${process.pid}`;
const world = generateWorld({ services: 12, seed: suite });
const [home = '', target = ''] = world.vims;
const [homeName, targetName] = ['athens-1', 'aveiro-2'];

let simulator: Simulator;
let worker: Running;
let console: TestConsole;

beforeAll(async () => {
  simulator = await startSimulator({
    ...{ amqpUrl, exchange: suite, world },
    timings: { migrationMs: { min: 200, max: 500 } },
  });
  const environment = {
    ...{ TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_TASK_QUEUE: suite, DEPLOYMENT: suite },
    ...{ AMQP_URL: amqpUrl, AMQP_EXCHANGE: suite, REPOSITORY_URL: simulator.repositoryUrl },
  };
  worker = startCli(['worker'], environment);
  console = await TestConsole.on(environment);
  await lineOf(worker, /started the worker/);
});

afterAll(async () => {
  await console.stop();
  await stopped(worker);
  await simulator.stop();
});

const named = (name: string): string => `${suite}-${name}`;
const services = (...indexes: number[]): string[] =>
  indexes.map((index) => world.services[index]!.serviceInstanceUuid);
const evacuation = (include: string[], more: object = {}) => ({
  evacuate: { vims: [homeName], include: { serviceInstanceUuids: include } },
  target: { vimUuid: targetName },
  ...more,
});

describe('a campaign', () => {
  const campaign = evacuation(services(0, 1, 2), {
    canary: { count: 1 },
    budget: { maxErrors: 3 },
    reason: 'power work',
  });
  let failing: string;
  const path = `campaigns/${named('night')}`;

  test('is planned: its VIMs by name, its load, and nothing is sent', async () => {
    const plan = await console.post<{
      items: { vnfUuid: string }[];
      load: { vims: object[] };
      canRun: boolean;
    }>('campaigns/plan', { name: named('night'), campaign, assume: '1m' });
    expect(plan).toMatchObject({ name: named('night'), canRun: true, hasRepository: true });
    expect(plan.items).toHaveLength(6);
    // Not the canary.
    failing = plan.items.at(-1)!.vnfUuid;
    expect(plan.load.vims).toContainEqual(expect.objectContaining({ vimUuid: home, leaving: 6 }));
    expect(simulator.ledger().some(({ type }) => type === 'request')).toBe(false);
  });

  test('is started once, watched, steered and reported', async () => {
    simulator.addRule({ behaviour: 'removal-fails', vnfUuid: failing });
    const body = { name: named('night'), campaign };
    expect(await console.post('campaigns', body, 201)).toMatchObject({ isNew: true, name: named('night') });
    expect(await console.post('campaigns', body)).toMatchObject({ isNew: false });
    const other = { ...body, campaign: { ...campaign, limits: { total: 1 } } };
    expect(await console.post<ProblemBody>('campaigns', other, 409)).toMatchObject({
      type: 'urn:vnf-migrator:problem:refused',
    });

    const stream = await EventStream.open(console, `${path}/events`);
    expect(await stream.next('snapshot')).toMatchObject({ name: named('night'), isRunning: true });
    await eventually(async () => {
      const { progress } = await console.get<CampaignView>(path);
      expect(progress).toMatchObject({ state: 'AWAITING_APPROVAL', counts: { MIGRATED: 1 } });
    });
    const { items } = await console.get<{ items: CampaignItemView[] }>(`${path}/items?states=MIGRATED`);
    expect(items).toHaveLength(1);

    // Given twice under one key, carried out once.
    const limits = { reason: 'more at a time', limits: { total: 4, perSourceVim: 4, perTargetVim: 4 } };
    const headers = { 'idempotency-key': 'limits-1' };
    for (let nth = 0; nth < 2; nth += 1) {
      const answer = await console.ask('POST', `${path}/orders/set-limits`, { body: limits, headers });
      expect(answer.json<CampaignProgress>().limits.total).toBe(4);
    }
    await console.post(`${path}/orders/approve`, { reason: 'the canary is well' });

    const lost = stream.lastId;
    stream.close();
    const end = await EventStream.open(console, `${path}/events`, { lastId: lost });
    const ended = (await end.next('ended')) as unknown as CampaignView;
    expect(end.seen).not.toContain('snapshot');
    expect(end.seen).toContain('progress');
    expect(end.seen).toContain('items');
    expect(ended.result).toMatchObject({
      state: 'COMPLETED_WITH_ERRORS',
      counts: { MIGRATED: 5, FAILED: 1 },
    });

    const { entries } = await console.get<{ entries: { action: string; actor: string | null }[] }>(
      `${path}/audit`,
    );
    expect(entries.filter(({ action, actor }) => actor === 'olga' && action === 'setLimits')).toHaveLength(1);
    const page = await console.ask('GET', `${path}/report`);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/style-src 'sha256-[^']+'.*sandbox/);
    const report = await console.get<CampaignReport>(`${path}/report?format=json`);
    expect(report.items).toHaveLength(6);
    expect(report).toMatchObject({ actor: 'olga', reason: 'power work' });
    expect((await console.ask('GET', `${path}/report?format=csv`)).body).toContain(failing);
  });

  test('that has ended takes no order, and what it left is taken up by another', async () => {
    const refused = await console.post<ProblemBody>(`${path}/orders/pause`, { reason: 'late' }, 409);
    expect(refused.detail).toContain('has ended already');
    const back = await console.get<{ specification: { items: object[] }; leftOut: object[] }>(
      `${path}/failback`,
    );
    expect(back.specification.items).toHaveLength(5);
    simulator.clearRules();
    const retry = await console.post(`${path}/retry`, { reason: 'the rack is back' }, 201);
    expect(retry).toMatchObject({ name: `${named('night')}~2`, isNew: true, knowsSettings: true });
    await eventually(async () => {
      const { result } = await console.get<CampaignView>(`campaigns/${named('night')}~2`);
      expect(result).not.toBeNull();
    });
  });

  test('is listed, by pages', async () => {
    const first = await console.get<{ campaigns: { name: string }[]; nextCursor: string | null }>(
      'campaigns?limit=1',
    );
    expect(first.campaigns).toHaveLength(1);
    const second = await console.get<{ campaigns: { name: string }[] }>(
      `campaigns?limit=1&cursor=${first.nextCursor}`,
    );
    expect(second.campaigns[0]!.name).not.toBe(first.campaigns[0]!.name);
    const wrong = await console.ask('GET', 'campaigns?cursor=nonsense');
    expect(wrong.statusCode).toBe(422);
  });
});

describe('a wrong campaign', () => {
  test('is refused with every problem at its place', async () => {
    const campaign = evacuation(services(0), {
      target: { vimUuid: 'atlantis' },
      limits: { total: 0 },
      budget: { maxErrors: 'many' },
      extra: 1,
    });
    const { problems = [] } = await console.post<ProblemBody>('campaigns', { name: 'a b', campaign }, 422);
    const at = (pointer: string) => problems.find((problem) => problem.pointer === pointer)?.detail ?? '';
    expect(at('/name')).toMatch(/^name: expected/);
    expect(at('/campaign/target/vimUuid')).toMatch(/no VIM is named "atlantis"; known are/);
    expect(at('/campaign/limits/total')).not.toBe('');
    expect(at('/campaign/budget/maxErrors')).toMatch(/expected a whole number/);
    expect(at('/campaign')).toMatch(/extra/);
  });

  test('of another name is not found', async () => {
    const { detail } = await console.get<ProblemBody>('campaigns/none', 404);
    expect(detail).toContain('no such campaign: none');
  });
});

describe('what belongs to the night', () => {
  test('schedules', async () => {
    const body = { cron: '0 22 * * 1-5', timeZone: 'Europe/Athens', campaign: evacuation(services(3)) };
    const made = await console.ask('PUT', `schedules/${named('weekly')}`, { body });
    expect(made.json()).toMatchObject({ change: 'created' });
    await eventually(async () => {
      const { schedules } = await console.get<{ schedules: { name: string; nextStartAt: string }[] }>(
        'schedules',
      );
      expect(schedules.map(({ name }) => name)).toContain(named('weekly'));
    });
    const wrong = await console.ask('PUT', `schedules/${named('weekly')}`, {
      body: { ...body, cron: '99 * * * *' },
    });
    expect(wrong.statusCode).toBe(422);
    expect((await console.ask('DELETE', `schedules/${named('weekly')}`)).statusCode).toBe(204);
    expect((await console.ask('DELETE', `schedules/${named('weekly')}`)).statusCode).toBe(404);
  });

  test('limits of the deployment', async () => {
    expect((await console.ask('GET', 'limits')).statusCode).toBe(404);
    const set = await console.ask('PUT', 'limits', {
      body: { total: 3, vims: [{ vimUuid: targetName, in: 2 }], reason: 'a busy night' },
    });
    expect(set.json()).toMatchObject({
      limits: { total: 3, vims: [{ vimUuid: target, in: 2 }] },
      audit: [{ actor: 'olga' }],
    });
    expect(await console.get('limits')).toMatchObject({ limits: { total: 3 } });
    expect(await console.post('limits/clear', { reason: 'over' })).toMatchObject({ limits: null });
  });

  test('VIMs, with their load', async () => {
    const { vims } = await console.get<{ vims: { uuid: string; name: string; vnfs: number }[] }>('vims');
    expect(vims.find(({ uuid }) => uuid === target)).toMatchObject({ name: targetName });
    expect(await console.get(`vims/${homeName}/orphans`)).toMatchObject({ vimUuid: home, orphans: [] });
  });

  test('the contract', async () => {
    const { names } = await console.get<{ names: string[] }>('schemas');
    expect(await console.get(`schemas/${names[0]}`)).toMatchObject({ title: names[0] });
  });
});

describe('one migration', () => {
  const service = world.services[5]!;
  const [vnf] = service.vnfs;
  const body = {
    serviceInstanceUuid: service.serviceInstanceUuid,
    vnfUuid: vnf!.vnfUuid,
    vimUuid: targetName,
  };

  test('is started once, followed to its end, and found', async () => {
    const started = await console.post<{ workflowId: string }>('migrations', body, 201);
    const stream = await EventStream.open(console, `migrations/${body.vnfUuid}/events`);
    const ended = await stream.next('ended');
    expect(ended).toMatchObject({ status: 'COMPLETED', result: { outcome: 'migrated' } });
    const again = await console.post<ProblemBody>('migrations', body, 409);
    expect(again.detail).toContain('was migrated to VIM');
    expect(await console.get(`migrations/${encodeURIComponent(started.workflowId)}`)).toMatchObject({
      workflowId: started.workflowId,
      result: { vnfUuid: body.vnfUuid },
    });
    await eventually(async () => {
      const { migrations } = await console.get<{ migrations: object[] }>(
        'migrations?status=completed&limit=200',
      );
      expect(migrations).toContainEqual(expect.objectContaining({ workflowId: started.workflowId }));
    });
    expect((await console.ask('POST', `migrations/${body.vnfUuid}/cancel`, { body: {} })).statusCode).toBe(
      409,
    );
    expect((await console.ask('GET', 'migrations/none')).statusCode).toBe(404);
  });

  test('is not what another workflow is: that is neither shown nor cancelled', async () => {
    const other = `migrations/${encodeURIComponent(campaignWorkflowId(named('night')))}`;
    for (const [method, url] of [
      ['GET', other],
      ['GET', `${other}/events`],
      ['POST', `${other}/cancel`],
    ] as const) {
      const answer = await console.ask(method, url, method === 'POST' ? { body: {} } : {});
      expect(answer.json<ProblemBody>()).toMatchObject({
        ...{ status: 404, detail: expect.stringContaining('is no migration') as string },
      });
    }
  });

  test('that is wrong is refused with every problem', async () => {
    const wrong = {
      serviceInstanceUuid: 'x',
      vnfUuid: body.vnfUuid,
      vimUuid: 'atlantis',
      policy: { nothing: 1 },
    };
    const { problems = [] } = await console.post<ProblemBody>('migrations', wrong, 422);
    expect(problems.map(({ pointer }) => pointer).sort()).toEqual([
      '/policy',
      '/serviceInstanceUuid',
      '/vimUuid',
    ]);
  });
});

describe('replies and checks', () => {
  test('nothing is parked, and a reply that is not there is not found', async () => {
    expect(await console.get('parked')).toEqual({ replies: [] });
    expect((await console.ask('GET', 'parked/none')).statusCode).toBe(404);
    expect((await console.ask('POST', 'parked/drop', { body: { ids: ['none'] } })).statusCode).toBe(404);
    expect((await console.ask('POST', 'parked/replay', { body: {} })).statusCode).toBe(422);
  });

  test('what was dropped is told as dropped, although another id is not there', async () => {
    const connection = await connect(amqpUrl);
    const channel = await connection.createConfirmChannel();
    for (const body of ['one', 'two']) channel.sendToQueue(parkedQueue(suite), Buffer.from(body));
    await channel.waitForConfirms();
    await connection.close();
    const { replies } = await eventually(async () => {
      const parked = await console.get<{ replies: { id: string }[] }>('parked');
      expect(parked.replies).toHaveLength(2);
      return parked;
    });
    const [first, second] = replies.map(({ id }) => id);
    expect(await console.post('parked/drop', { ids: [first, 'none'] })).toEqual({
      ...{ dropped: [first], missing: ['none'] },
    });
    expect(await console.post('parked/replay', { ids: [second, 'none'] })).toMatchObject({
      ...{ replies: [{ id: second, replayed: false }], missing: ['none'] },
    });
    expect(await console.post('parked/drop', { all: true })).toEqual({ dropped: [second], missing: [] });
  });

  test('the doctor', async () => {
    const { checks } = await console.get<{ checks: { name: string; state: string }[] }>('doctor');
    expect(checks).toContainEqual(expect.objectContaining({ name: 'repository', state: 'ok' }));
  });
});
