/** The image at work: its commands, migrations by a worker in it, and the ends of its processes. */
import { freePorts } from '../../src/dev/processes/ports.js';
import { entriesOf, type WorldSpec } from '../../src/simulator/index.js';
import type { LongRun } from '../support/long-run.js';
import { describeEnd, expectThat, isOk, stopInOrder, until } from '../support/container-checks.js';
import type { Ended } from '../support/runc.js';
import type { Containers } from './containers.js';

/** Where a program of the image might write: its root, its code, its home, and what is world-writable. */
const PATHS = ['/file', '/app/file', '/app/dist/cli/main.js', '/home/node/file', '/tmp/file', '/etc/passwd'];
const WRITES = `
const { writeFileSync, readFileSync } = require('node:fs');
const written = ${JSON.stringify(PATHS)}.filter((path) => {
  try { writeFileSync(path, '', { flag: 'a' }); return true; } catch { return false; }
});
const status = readFileSync('/proc/self/status', 'utf8');
const value = (name) => new RegExp('^' + name + ':\\\\s*(.*)$', 'm').exec(status)[1];
console.log(JSON.stringify({
  written, pid: process.pid, uid: process.getuid(), gid: process.getgid(), groups: process.getgroups(),
  capabilities: ['CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(value), noNewPrivileges: value('NoNewPrivs'),
}));`;
const CONFINED = {
  ...{ written: [], pid: 1, uid: 1000, gid: 1000, groups: [1000], noNewPrivileges: '1' },
  capabilities: Array.from({ length: 4 }, () => '0000000000000000'),
};

export interface TrialOptions {
  containers: Containers;
  run: LongRun;
  world: WorldSpec;
  /** The settings of every process, without a secret: those are in files. */
  env: Record<string, string>;
  version: string;
  report: (line: string) => void;
}

export interface Figures {
  /** From SIGTERM to the end, of a worker that has a migration in progress, and of an idle console. */
  workerStopMs: number;
  consoleStopMs: number;
  /** Of a worker, from its start until it is ready, and what it takes then. */
  workerReadyMs: number;
  workerBytes: number;
}

/** What is wrong is thrown: after the first of it, the rest says little. */
export async function tryImage(options: TrialOptions): Promise<Figures> {
  await tryCommands(options);
  await trySimulator(options);
  const consoleStopMs = await tryConsole(options);
  return { consoleStopMs, ...(await tryMigrations(options)) };
}

async function tryCommands({ containers, version, report }: TrialOptions): Promise<void> {
  const printed = await containers.run({ args: ['--version'] });
  expectThat(printed.text.trim() === version, `--version prints ${printed.text}`);
  for (const command of ['simulate', 'worker', 'campaign']) {
    const help = await containers.run({ args: [command, '--help'] });
    expectThat(help.code === 0 && help.text.includes('Usage:'), `${command} --help: ${help.text}`);
  }
  const confined = await containers.run({ entrypoint: ['node', '--eval', WRITES], args: [] });
  const wanted = JSON.stringify(CONFINED);
  const isConfined = sorted(confined.text) === sorted(wanted);
  expectThat(isConfined, `a program is not confined: ${confined.text}, not ${wanted}`);
  report('PID 1 is uid 1000 without capabilities, and can write nothing');
}

/** On an exchange of its own: it must not answer beside the MANO of the run. */
async function trySimulator({ containers, env, report }: TrialOptions): Promise<void> {
  const settings = { ...env, AMQP_EXCHANGE: 'image-trial' };
  const mano = await containers.start({ args: ['simulate', '--json'], env: settings });
  await until(mano, async () => (await mano.log()).includes('"ready":true'));
  report(`the simulated MANO was ready, and ended within ${String(await stopInOrder(mano))} ms of SIGTERM`);
}

async function tryConsole({ containers, env, report }: TrialOptions): Promise<number> {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${String(port)}`;
  const settings = { ...env, CONSOLE_ADDRESS: String(port) };
  const container = await containers.start({ args: ['console'], env: settings });
  await until(container, () => isOk(`${url}/livez`));
  const page = await fetch(url).then((answer) => answer.text());
  expectThat(page.includes('<script'), `the console serves no page: ${page.slice(0, 200)}`);
  const stopMs = await stopInOrder(container);
  report(`the console served its page, and ended within ${String(stopMs)} ms of SIGTERM`);
  return stopMs;
}

async function tryMigrations(options: TrialOptions): Promise<Omit<Figures, 'consoleStopMs'>> {
  const { containers, env, run, report } = options;
  const [port] = await freePorts(1);
  const settings = { ...env, HTTP_ADDRESS: String(port) };
  const startedAtMs = Date.now();
  const worker = await containers.start({ args: ['worker'], env: settings });
  const isReady = (): Promise<boolean> => isOk(`http://127.0.0.1:${String(port)}/readyz`);
  await until(worker, isReady);
  const workerReadyMs = Date.now() - startedAtMs;
  const doctor = await containers.run({ args: ['doctor'], env });
  expectThat(doctor.code === 0, `doctor ends with ${describeEnd(doctor)}`);
  const first = await containers.run({ args: migrate(options, 0), env });
  expectMigrated(first);
  report('doctor found nothing wrong, and a VNF was migrated');

  const second = await containers.start({ args: migrate(options, 1), env });
  await until(second, () => Promise.resolve(moves(run) === 2));
  const metrics = await fetch(`http://127.0.0.1:${String(port)}/metrics`).then((answer) => answer.text());
  expectThat(metrics.includes('vnf_migrator_replies'), 'the metrics of the worker are not there');
  const workerBytes = await worker.residentBytes();
  const workerStopMs = await stopInOrder(worker);
  report(`the worker ended within ${String(workerStopMs)} ms of SIGTERM, with a migration in progress`);
  const other = await containers.start({ args: ['worker'], env: settings });
  expectMigrated(await second.ended);
  expectThat(moves(run) === 2, `the MANO moved ${String(moves(run))} VNFs, not 2`);
  await until(other, isReady);
  await stopInOrder(other);
  report('another worker took it over: it ended as migrated, and the MANO was asked once');
  return { workerReadyMs, workerStopMs, workerBytes };
}

function migrate({ world }: TrialOptions, index: number): string[] {
  const { serviceInstanceUuid, vnfs } = world.services[index]!;
  const ids = ['--service', serviceInstanceUuid, '--vnf', vnfs[0]!.vnfUuid, '--vim', world.vims[1]!];
  return ['migrate', ...ids, '--json'];
}

function moves(run: LongRun): number {
  return entriesOf(run.ledger(), 'decision').filter(({ decision }) => decision === 'accepted').length;
}

function expectMigrated(ended: Ended): void {
  expectThat(
    ended.code === 0 && ended.text.includes('"outcome":"migrated"'),
    `a migration ends with ${describeEnd(ended)}`,
  );
}

function sorted(json: string): string {
  return JSON.stringify(Object.entries(JSON.parse(json) as object).sort());
}
