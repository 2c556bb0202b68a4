/** Campaigns as operators run them: the command line, a real Temporal and RabbitMQ, a simulated MANO. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { CampaignReport } from '../../src/campaign-report/report-data.js';
import { generateWorld } from '../../src/simulator/index.js';
import { CampaignCommandLine } from '../support/campaign-command-line.js';
import { startCli, type Ran } from '../support/cli.js';
import { lineOf } from '../support/processes.js';

const { temporalAddress, amqpUrl } = inject('stack');
const suite = `campaign-cli-${process.pid}`;
const world = generateWorld({ services: 12, seed: suite });
const [home = '', target = '', other = ''] = world.vims;
const SERVICES = world.services.map(({ serviceInstanceUuid, vnfs }) => ({
  serviceInstanceUuid,
  vnfUuids: vnfs.map(({ vnfUuid }) => vnfUuid),
}));
const NOBODY = '00000000-0000-4000-8000-000000000404';

let line: CampaignCommandLine;

beforeAll(async () => {
  line = await CampaignCommandLine.open({ suite, world, temporalAddress, amqpUrl });
});

afterAll(() => line.close());

const campaign = (...args: string[]): Promise<Ran> => line.campaign(...args);
const named = (name: string): string => `${suite}-${name}`;
const path = (name: string): string => line.path(name);
const order = (what: string, name: string, ...args: string[]): Promise<Ran> =>
  campaign(what, named(name), ...args, '--reason', `because of ${what}`, '--actor', 'ops');

/** The last line. */
function json({ stdout }: Ran): unknown {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

describe('an evacuation', () => {
  const include = [0, 1, 2].flatMap((index) => [
    '--include',
    `service=${SERVICES[index]!.serviceInstanceUuid}`,
  ]);
  const what = [
    '--evacuate',
    home,
    ...include,
    '--target',
    target,
    '--target',
    other,
    '--limit',
    'perSourceVim=4',
  ];
  const failing = SERVICES[1]!.vnfUuids[0]!;

  test('is planned without sending anything', async () => {
    const { code, stdout } = await campaign('plan', ...what, '--assume', '1m');
    expect(stdout).toMatch(/^campaign evacuate-.*: 6 items\n/);
    // Of each VIM, how many leave it and how many come.
    expect(stdout).toMatch(/^ {2}athens-1 \(.*\) +6 {2,}\d/m);
    expect(stdout).toMatch(/^ {2}aveiro-2 \(.*\) +3 {2,}\d/m);
    expect(stdout).toMatch(/^ {2}tel-aviv-3 \(.*\) +3 {2,}\d/m);
    expect(stdout).toContain('about 2m, if each takes 1m');
    expect(code).toBe(0);
    expect(line.simulator.ledger().some(({ type }) => type === 'request')).toBe(false);
  });

  test('is started, told line by line, and leaves its reports', async () => {
    line.simulator.addRule({ behaviour: 'removal-fails', vnfUuid: failing });
    const name = ['--name', named('evacuation')];
    const report = ['--report', path('evacuation.html'), '--reason', 'power work'];
    const { code, stdout } = await campaign('start', ...what, ...name, '--budget', '3', ...report);
    expect(stdout).toMatch(/^vnf-campaign\/.*-evacuation started\n/);
    expect(stdout).toMatch(/VNF .*: MigrationFailed: /);
    expect(stdout).toMatch(/6 of 6 ended: 5 migrated, 1 failed\n/);
    expect(stdout).toMatch(/completed with errors after .*: 5 migrated, 1 failed; still on the VIMs: \d+ /);
    expect(code).toBe(1);
    const page = readFileSync(path('evacuation.html'), 'utf8');
    for (const told of [failing, 'MigrationFailed', 'power work', 'completed with errors'])
      expect(page).toContain(told);

    const [whole, csv, again, list] = await Promise.all([
      campaign('report', named('evacuation'), '--format', 'json'),
      campaign('report', named('evacuation'), '--output', path('evacuation.csv')),
      campaign('start', ...what, ...name),
      campaign('list', '--json', '--limit', '500'),
    ]);
    const { items, counts, residual } = JSON.parse(whole.stdout) as CampaignReport;
    expect(counts).toMatchObject({ MIGRATED: 5, FAILED: 1 });
    for (const vim of [target, other])
      expect(items.filter(({ targetVimUuid }) => targetVimUuid === vim)).toHaveLength(3);
    expect(residual.map(({ kind }) => kind)).toContain('excluded');
    expect(csv.stdout).toBe(`report: ${path('evacuation.csv')}\n`);
    expect(readFileSync(path('evacuation.csv'), 'utf8').trim().split('\r\n')).toHaveLength(7);
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has run to its end already') as string,
    });
    expect(list.stdout).toContain(`"workflowId":"vnf-campaign/${named('evacuation')}"`);
  });
});

describe('a campaign that runs', () => {
  test('takes orders, is joined by its own specification, and is left running by Ctrl-C', async () => {
    const name = ['--name', named('orders')];
    const what = [
      '--items',
      line.itemsFile('orders.csv', [4, 5, 6]),
      '--target',
      target,
      '--canary',
      '1',
      ...name,
    ];
    const watcher = startCli(
      ['campaign', 'start', ...what, '--report', path('orders.json')],
      line.environment,
    );
    await lineOf(watcher, /awaiting approval: /);

    const [joined, refused, another] = await Promise.all([
      campaign('start', ...what, '--no-wait', '--json'),
      order('resume', 'orders'),
      campaign('start', ...what, '--target', other, '--no-wait'),
    ]);
    expect(json(joined)).toEqual({ workflowId: `vnf-campaign/${named('orders')}`, isNew: false });
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^vnf-migrator: refused: /) as string,
    });
    expect(another).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('runs already, with another') as string,
    });

    watcher.child.kill('SIGINT');
    const left = await watcher.ended;
    expect(left.code).toBe(130);
    expect(left.stderr).toMatch(
      /continues in the background\. Follow it: .*campaign watch .*; no report was written/,
    );

    const [, paused] = [
      await order('skip', 'orders', SERVICES[6]!.vnfUuids[1]!),
      await order('pause', 'orders', '--json'),
    ];
    expect(json(paused)).toMatchObject({
      state: 'PAUSED',
      counts: { MIGRATED: 1, SKIPPED: 1 },
    });
    const set = await order('set', 'orders', '--limit', 'total=1', '--budget', 'maxErrors=2', '--json');
    expect(json(set)).toMatchObject({
      limits: { total: 1, perSourceVim: 2 },
      budget: { maxErrors: 2, maxConsecutive: 4 },
    });

    const again = startCli(
      ['campaign', 'watch', named('orders'), '--report', path('orders.json')],
      line.environment,
    );
    await lineOf(again, /paused: /);
    const aborted = await order('abort', 'orders');
    expect(aborted.code).toBe(0);
    const { code, stdout } = await again.ended;
    expect(stdout).toMatch(/aborted after .*: 1 migrated, 1 skipped, 4 cancelled\nreport: /);
    expect(code).toBe(1);
    const { audit } = JSON.parse(readFileSync(path('orders.json'), 'utf8')) as CampaignReport;
    const orders = audit
      .filter(({ actor }) => actor === 'ops')
      .map(({ action, reason }) => `${action}: ${reason}`);
    for (const what of ['skip', 'pause', 'set', 'abort'])
      expect(orders.join('\n')).toContain(`because of ${what}`);

    expect(await order('pause', 'orders')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has ended already') as string,
    });
    const retried = await order('retry-failed', 'orders');
    expect(retried.stdout).toMatch(
      /-orders~2 started: 4 items of .*-orders\n[^]*completed after .*: 4 migrated\n$/,
    );
    expect(retried.code).toBe(0);
  });

  test('takes up what failed as a new generation', async () => {
    const [failing = '', sibling = ''] = SERVICES[7]!.vnfUuids;
    line.simulator.addRule({ behaviour: 'deploy-fails', vnfUuid: failing, times: 1 });
    const what = ['--items', line.itemsFile('again.csv', [7]), '--target', target, '--name', named('again')];
    // The failure is the first of two, and stops the second.
    const strict = ['--budget', '0', '--policy', 'maxAttempts=1', '--limit', 'total=1'];
    const watcher = startCli(['campaign', 'start', ...what, ...strict], line.environment);
    await lineOf(watcher, /paused: /);
    const generation = json(await order('retry-failed', 'again', '--json'));
    expect(generation).toMatchObject({ generation: 2, counts: { FAILED: 0 } });
    await order('resume', 'again');
    const { code, stdout } = await watcher.ended;
    expect(stdout).toContain('generation 2 begins');
    expect(code).toBe(0);
    const running = line.simulator.snapshot().running.map(({ vnfUuid }) => vnfUuid);
    expect(running).not.toContain(failing);
    expect(running).not.toContain(sibling);
  });
});

describe('wrong input', () => {
  test('is named, all of it, before anything begins', async () => {
    writeFileSync(path('wrong.csv'), `serviceInstanceUuid,vnfUuid\nx,${NOBODY}\n${NOBODY},${NOBODY}\n`);
    const [file, options, noReason, nobody, folderless, unknown] = await Promise.all([
      campaign('start', '--items', path('wrong.csv'), '--target', target),
      campaign(
        'start',
        '--evacuate',
        home,
        '--target',
        target,
        '--limit',
        'total=0',
        '--policy',
        'ackTimeout=soon',
      ),
      campaign('pause', named('orders')),
      campaign('watch', NOBODY),
      campaign('watch', named('orders'), '--report', path('no/such/folder.html')),
      campaign('start', '--evacuate', home, '--target', target, '--name', 'a name'),
    ]);
    expect(file.stderr).toMatch(
      /wrong\.csv:2: serviceInstanceUuid: .*\n.*wrong\.csv:3: VNF .* is on line 2 already/,
    );
    expect(options.stderr).toMatch(/--limit total: .*\n.*--policy ackTimeout: /);
    expect(noReason.stderr).toContain('--reason');
    expect(nobody.stderr).toContain(`no such campaign: ${NOBODY}`);
    expect(folderless.stderr).toContain('there is no folder');
    expect(unknown.stderr).toContain('name: expected at most 100');
    expect([file, options, noReason, nobody, folderless, unknown].map(({ code }) => code)).toEqual([
      2, 2, 2, 1, 2, 2,
    ]);
  });

  test('that the repository knows of is told by plan', async () => {
    const { serviceInstanceUuid } = SERVICES[8]!;
    writeFileSync(
      path('unknown.yaml'),
      `- {serviceInstanceUuid: ${serviceInstanceUuid}, vnfUuid: ${NOBODY}}\n`,
    );
    const { code, stdout } = await campaign('plan', '--items', path('unknown.yaml'), '--target', target);
    expect(stdout).toContain(`unknown: VNF ${NOBODY}: the repository does not know this VNF`);
    expect(code).toBe(1);
  });
});
