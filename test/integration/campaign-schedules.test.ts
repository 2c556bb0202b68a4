/** Schedules of campaigns, and campaigns that work against each other: a real Temporal, the command line, a simulated MANO. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { CampaignSchedule } from '../../src/client/campaign-schedules.js';
import { connectClient, type ConnectedClient } from '../../src/client/connect.js';
import { CampaignClient, OppositeCampaignError } from '../../src/client/index.js';
import { loadConfig } from '../../src/settings/config.js';
import { generateWorld } from '../../src/simulator/index.js';
import { CampaignCommandLine } from '../support/campaign-command-line.js';
import { runCli, type Ran } from '../support/cli.js';

const { temporalAddress, amqpUrl } = inject('stack');
const suite = `campaign-schedules-${process.pid}`;
const world = generateWorld({ services: 4, seed: suite });
const [home = '', target = '', other = ''] = world.vims;

let line: CampaignCommandLine;
let client: ConnectedClient;

beforeAll(async () => {
  line = await CampaignCommandLine.open({ suite, world, temporalAddress, amqpUrl });
  client = await connectClient(loadConfig(line.environment));
});

afterAll(async () => {
  await client.connection.close();
  await line.close();
});

const campaign = (...args: string[]): Promise<Ran> => line.campaign(...args);
const named = (name: string): string => `${suite}-${name}`;
const path = (name: string): string => line.path(name);
const lines = ({ stdout }: Ran): unknown[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
const because = ['--reason', 'tested', '--actor', 'ops'];

describe('a schedule', () => {
  const name = named('nightly');
  const scheduleId = `vnf-campaign-schedule/${name}`;
  const service = world.services[0]!;
  const nightly = ['--cron', '0 22 * * 1-5', '--time-zone', 'Europe/Athens'];
  const schedule = (...args: string[]): Promise<Ran> =>
    campaign('schedule', name, '--spec', path('spec.yaml'), ...args);

  beforeAll(() => {
    const items = service.vnfs.map(({ vnfUuid }) => ({
      serviceInstanceUuid: service.serviceInstanceUuid,
      vnfUuid,
    }));
    // It waits for an approval after the first, and so still runs when it is to start again.
    writeFileSync(
      path('spec.yaml'),
      JSON.stringify({ items, target: { vimUuid: target }, canary: { count: 1 } }),
    );
  });

  async function listed(): Promise<CampaignSchedule | undefined> {
    const rows = lines(await campaign('list', '--json')) as (CampaignSchedule & { kind: string })[];
    return rows.find((row) => row.kind === 'schedule' && row.scheduleId === scheduleId);
  }

  /** At once, by the schedule's own policy: the SDK's trigger has one of its own. */
  async function trigger(): Promise<void> {
    const { namespace } = client.options;
    await client.workflowService.patchSchedule({ namespace, scheduleId, patch: { triggerImmediately: {} } });
  }

  test('is made once, and replaced only where that is asked for', async () => {
    const made = await schedule(...nightly, ...because);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toMatch(
      /^vnf-campaign-schedule\/.* scheduled: 0 22 \* \* 1-5 \(Europe\/Athens\)\nnext start: .*T(19|20):00/,
    );
    expect((await schedule(...nightly)).stdout).toContain('is scheduled so already');
    const later = ['--cron', '30 23 * * 7', '--time-zone', 'Europe/Athens'];
    const refused = await schedule(...later);
    expect(refused.stderr).toContain(`${scheduleId} is there already`);
    expect(refused.code).toBe(1);
    const replaced = await schedule(...later, '--replace', '--json', ...because);
    expect(lines(replaced)).toMatchObject([{ scheduleId, change: 'replaced' }]);
    // Sunday, as 7.
    const { nextStartAt } = lines(replaced)[0] as { nextStartAt: string };
    expect(new Date(nextStartAt).getUTCDay()).toBe(0);
  });

  test(
    'starts the campaign, skips a time while that runs, and is told by list',
    { timeout: 120_000 },
    async () => {
      const handle = client.schedule.getHandle(scheduleId);
      await trigger();
      const workflowId = await vi.waitFor(
        async () => {
          const { info } = await handle.describe();
          const [running] = info.runningActions;
          expect(running).toBeDefined();
          return running!.workflow.workflowId;
        },
        { timeout: 20_000, interval: 200 },
      );
      expect(workflowId).toMatch(
        new RegExp(`^vnf-campaign/${name}-\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$`),
      );
      const label = workflowId.slice('vnf-campaign/'.length);
      await trigger();
      await vi.waitFor(async () => expect((await handle.describe()).info.numActionsSkippedOverlap).toBe(1), {
        timeout: 20_000,
        interval: 200,
      });
      expect(await listed()).toMatchObject({
        ...{ name, cron: '30 23 * * 7', timeZone: 'Europe/Athens', isPaused: false },
        ...{ skippedStarts: 1, missedStarts: 0 },
        ...{ lastWorkflowId: workflowId, lastStartAt: expect.stringContaining('T') as string },
      });
      const told = (await campaign('list')).stdout;
      expect(told).toMatch(new RegExp(`^${name} +30 23 \\* \\* 7 +Europe/Athens +\\S+Z +\\S+Z +1 +0$`, 'm'));
      // A list of some status is of campaigns alone.
      expect((await campaign('list', '--status', 'running')).stdout).not.toMatch(/^schedule/m);

      const hint = await campaign('watch', name);
      expect(hint.stderr).toContain(`it is the name of a schedule, which started last ${label}`);
      await vi.waitFor(async () => {
        expect((await campaign('approve', label, ...because)).code).toBe(0);
      }, 20_000);
      const watched = await campaign('watch', label);
      expect(watched.stdout).toContain('2 migrated');
      const running = line.simulator
        .snapshot()
        .running.filter(({ serviceInstanceUuid }) => serviceInstanceUuid === service.serviceInstanceUuid);
      expect(running.map(({ vimUuids }) => vimUuids)).toEqual([[target], [target]]);
      // As `start` writes it: a retry knows the settings.
      const left = await campaign('failback', label, '--json');
      expect(lines(left)).toMatchObject([
        { name: `${label.replaceAll(':', '-')}-failback`, knowsSettings: true },
      ]);
    },
  );

  test('ends, once', async () => {
    const ended = await campaign('unschedule', name, ...because);
    expect(ended).toMatchObject({ code: 0, stdout: `${scheduleId} ended by ops: tested\n` });
    const again = await campaign('unschedule', name);
    expect(again.stderr).toContain(`no such schedule: ${scheduleId}`);
    expect(again.code).toBe(1);
    await vi.waitFor(async () => expect(await listed()).toBeUndefined(), 20_000);
  });

  test('of wrong times, a wrong name and a wrong campaign is refused with every problem', async () => {
    writeFileSync(path('wrong.yaml'), `target: {vimUuid: ${target}}\nlimits: {total: 0}\nitems: []\n`);
    const times = ['--cron', '0 25 * * *', '--time-zone', 'Europe/Athen'];
    const wrong = await campaign('schedule', 'a name', ...times, '--spec', path('wrong.yaml'));
    expect(wrong.code).toBe(2);
    for (const problem of [
      '--cron: ',
      '--time-zone: unknown',
      'name: expected',
      'wrong.yaml:2: limits',
      'items',
    ])
      expect(wrong.stderr).toContain(problem);
    expect((await campaign('schedule', 'x', '--cron', '0 1 * * *')).code).toBe(2);
  });
});

describe('campaigns that would empty VIMs onto each other', () => {
  const name = named('there');
  const workflowId = `vnf-campaign/${name}`;
  const evacuate = (from: string, to: string): string[] => ['--evacuate', from, '--target', to];
  const include = ['--include', `service=${world.services[1]!.serviceInstanceUuid}`];
  const opposite = [...evacuate(target, home), '--name', named('back')];

  beforeAll(async () => {
    const args = [...evacuate(home, target), ...include, '--canary', '1', '--no-wait', '--name', name];
    expect(await campaign('start', ...args)).toMatchObject({ code: 0 });
    const query = `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Running'`;
    await vi.waitFor(async () => expect((await client.workflow.count(query)).count).toBe(1), 20_000);
  });
  afterAll(async () => {
    await campaign('abort', name, ...because);
  });

  test('are a conflict of the plan', async () => {
    const { code, stdout } = await campaign('plan', ...opposite);
    expect(stdout).toContain(
      `opposite campaign: ${workflowId} runs and empties ${home}, where this one moves VNFs to, and moves VNFs to ` +
        `${target}, which this one empties`,
    );
    expect(code).toBe(1);
    const json = JSON.parse((await campaign('plan', ...opposite, '--json')).stdout) as {
      oppositeCampaigns: unknown[];
      conflicts: unknown[];
    };
    expect(json.oppositeCampaigns).toContainEqual({
      ...{ workflowId, emptiedByIt: [home], filledByIt: [target] },
    });
    expect(json.conflicts).toContainEqual(
      expect.objectContaining({ kind: 'opposite-campaign', vnfUuid: '' }),
    );
    const half = await campaign('plan', ...evacuate(target, other));
    expect(half.stdout).toContain(`${workflowId} runs and moves VNFs to ${target}, which this one empties`);
    const same = await campaign('plan', ...evacuate(other, target));
    expect(same.stdout).not.toContain(workflowId);
  });

  test('are refused by start, by the client too, unless anyway', async () => {
    const refused = await campaign('start', ...opposite, '--no-wait');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(workflowId);
    expect(refused.stderr).toContain('--anyway');
    const campaigns = new CampaignClient({ client, taskQueue: suite });
    const input = { evacuate: { vims: [target] }, target: { vimUuid: home } };
    await expect(campaigns.start(input, { name: named('back') })).rejects.toThrow(OppositeCampaignError);

    const joined = await campaign(
      'start',
      ...evacuate(home, target),
      ...include,
      '--canary',
      '1',
      '--no-wait',
      '--json',
      '--name',
      name,
    );
    expect(lines(joined)).toEqual([{ workflowId, isNew: false }]);
    const anyway = await campaign('start', ...opposite, '--anyway', '--no-wait', '--canary', '1', '--json');
    expect(lines(anyway)).toEqual([{ workflowId: `vnf-campaign/${named('back')}`, isNew: true }]);
    await campaign('abort', named('back'), ...because);
  });

  test('are seen where another caller started the one that runs, without our memo', async () => {
    const foreign = `orders/${suite}`;
    // Nobody works there: it runs, and does nothing.
    const input = {
      evacuate: { vims: [other] },
      target: { vimUuid: '00000000-0000-4000-8000-000000000405' },
    };
    const handle = await client.workflow.start('migrationCampaign', {
      ...{ workflowId: foreign, taskQueue: `${suite}-nobody`, args: [input] },
    });
    try {
      await vi.waitFor(async () => {
        const { stdout } = await campaign('plan', ...evacuate(home, other), '--json');
        expect(JSON.parse(stdout)).toMatchObject({
          oppositeCampaigns: [{ workflowId: foreign, emptiedByIt: [other], filledByIt: [] }],
        });
      }, 20_000);
    } finally {
      await handle.terminate();
    }
  });

  test('are not looked for where Temporal is away, which the plan says', async () => {
    const { stdout } = await runCli(['campaign', 'plan', ...opposite], {
      ...line.environment,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    });
    expect(stdout).toMatch(/^whether a running campaign works against it is not known: no Temporal at /m);
    expect(stdout).not.toContain('opposite campaign:');
  });
});
