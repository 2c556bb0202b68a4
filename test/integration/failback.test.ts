/** The way back of a campaign: the command line, a real Temporal and RabbitMQ, and where the simulated MANO has its VNFs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connectClient } from '../../src/client/connect.js';
import { loadConfig } from '../../src/settings/config.js';
import { entriesOf, generateWorld } from '../../src/simulator/index.js';
import { CampaignCommandLine } from '../support/campaign-command-line.js';
import { runCli, type Ran } from '../support/cli.js';

const { temporalAddress, amqpUrl } = inject('stack');
const suite = `failback-${process.pid}`;
const world = generateWorld({ services: 10, seed: suite });
const [home = '', target = '', other = ''] = world.vims;
const NOBODY = '00000000-0000-4000-8000-000000000404';

let line: CampaignCommandLine;

beforeAll(async () => {
  line = await CampaignCommandLine.open({ suite, world, temporalAddress, amqpUrl });
});

afterAll(() => line.close());

const campaign = (...args: string[]): Promise<Ran> => line.campaign(...args);
const named = (name: string): string => `${suite}-${name}`;
const path = (name: string): string => line.path(name);

/** The VNFs that the MANO was asked to move, in its order. */
function requested(): string[] {
  return entriesOf(line.simulator.ledger(), 'request').map(({ vnfUuid }) => String(vnfUuid));
}

describe('the way back', () => {
  const SERVICES = [0, 1, 2];

  test('puts each of six VNFs where it was, the last moved first', async () => {
    const before = line.places(SERVICES);
    expect(Object.values(before).flat()).toHaveLength(6);
    const items = line.itemsFile('six.csv', SERVICES);
    const limits = ['--limit', 'total=1', '--policy', 'finalTimeout=7m', '--budget', '3'];
    const there = await campaign(
      'start',
      '--items',
      items,
      '--target',
      target,
      '--name',
      named('a'),
      ...limits,
    );
    expect(there.code).toBe(0);
    expect(line.places(SERVICES)).not.toEqual(before);
    const sentThere = requested().length;

    const file = path('back.yaml');
    const made = await campaign('failback', named('a'), '--output', file);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toMatch(/^.*back\.yaml: 6 items of vnf-campaign\/.*-a\n/);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(new RegExp(`^name: ${named('a-failback')}$`, 'm'));
    expect(text).toMatch(/finalTimeout: 420000/);
    const plan = await campaign('plan', '--spec', file);
    expect(plan).toMatchObject({ code: 0, stderr: '' });
    expect(plan.stdout).toContain('6 items');

    const back = await campaign('failback', named('a'), '--start', '--reason', 'it was worse there');
    expect(back.stdout).toMatch(/-a-failback started: 6 items of vnf-campaign\/.*-a\n/);
    expect(back.stdout).toMatch(/completed after .*: 6 migrated/);
    expect(back.code).toBe(0);
    expect(line.places(SERVICES)).toEqual(before);
    const report = JSON.parse((await campaign('report', named('a'), '--format', 'json')).stdout) as {
      items: { newVnfUuid: string; finishedAt: string }[];
    };
    const lastFirst = [...report.items].sort((left, right) =>
      left.finishedAt < right.finishedAt ? 1 : left.finishedAt > right.finishedAt ? -1 : 0,
    );
    expect(requested().slice(sentThere)).toEqual(lastFirst.map(({ newVnfUuid }) => newVnfUuid));
  });

  test('names what nobody can take back, and takes the rest; of nothing it is refused', async () => {
    const [failing = ''] = world.services[6]!.vnfs.map(({ vnfUuid }) => vnfUuid);
    line.simulator.addRule({ behaviour: 'deploy-fails', vnfUuid: failing });
    const items = line.itemsFile('some.csv', [6]);
    const what = ['--items', items, '--target', other, '--name', named('some')];
    await campaign('start', ...what, '--policy', 'maxAttempts=1', '--budget', '5');
    const { code, stdout } = await campaign('failback', named('some'), '--json');
    expect(code).toBe(0);
    const made = JSON.parse(stdout) as { specification: { items: unknown[] }; knowsSettings: boolean };
    expect(made).toMatchObject({ name: named('some-failback'), leftOut: [], knowsSettings: true });
    expect(made.specification.items).toHaveLength(1);

    const nothing = await campaign('failback', NOBODY);
    expect(nothing).toMatchObject({ code: 1, stdout: '' });
    expect(nothing.stderr).toContain(`no such campaign: ${NOBODY}`);
  });
});

describe('a campaign that its caller named, of any workflow id', () => {
  test('is found, retried with what it was started with, and taken back', async () => {
    const { serviceInstanceUuid, vnfs } = world.services[7]!;
    const [failing = ''] = vnfs.map(({ vnfUuid }) => vnfUuid);
    line.simulator.addRule({ behaviour: 'deploy-fails', vnfUuid: failing, times: 1 });
    const before = line.places([7]);
    const workflowId = `orders/${suite}: rack 4`;
    const client = await connectClient(loadConfig(line.environment));
    try {
      const items = vnfs.map(({ vnfUuid }) => ({ serviceInstanceUuid, vnfUuid }));
      const input = { items, target: { vimUuid: target }, policy: { maxAttempts: 1, finalTimeout: '9m' } };
      const args = [{ ...input, budget: { maxErrors: 5 } }];
      await client.workflow.execute('migrationCampaign', { workflowId, taskQueue: suite, args });
    } finally {
      await client.connection.close();
    }
    const retried = await campaign('retry-failed', workflowId, '--reason', 'again');
    expect(retried.stderr).toBe('');
    expect(retried.stdout).toMatch(/^vnf-campaign\/orders-.*-rack-4~2 started: 1 items of orders\//);
    expect(retried.code).toBe(0);
    const [first, second] = await Promise.all([
      campaign('failback', workflowId),
      campaign('failback', `orders-${suite}-rack-4~2`),
    ]);
    for (const { stdout } of [first, second]) expect(stdout).toContain('finalTimeout: 540000');
    for (const [name, { stdout }] of Object.entries({ first, second })) {
      writeFileSync(path(`${name}.yaml`), stdout);
      const spec = ['--spec', path(`${name}.yaml`), '--name', named(name)];
      expect(await campaign('start', ...spec)).toMatchObject({ code: 0 });
    }
    expect(line.places([7])).toEqual(before);
  });

  test('is told apart from what is no campaign', async () => {
    const { serviceInstanceUuid, vnfs } = world.services[8]!;
    const vnf = vnfs[0]!.vnfUuid;
    const one = ['--service', serviceInstanceUuid, '--vnf', vnf, '--vim', home];
    await runCli(['migrate', ...one], line.environment);
    const { code, stderr } = await campaign('watch', `vnf-migration/${vnf}`);
    expect(stderr).toContain(`vnf-migration/${vnf} is no campaign: its workflow is a migrateVnf`);
    expect(code).toBe(1);
  });
});
