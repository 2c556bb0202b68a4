/** Listener, worker and console as the units start them: a migration, and their ends. */
import { freePorts } from '../../src/dev/processes/ports.js';
import { generateWorld, type WorldSpec } from '../../src/simulator/index.js';
import { describeEnd, expectThat, isOk, stopInOrder, until } from '../support/container-checks.js';
import { output } from '../support/debian-packages.js';
import { consoleLogin } from '../support/console-process.js';
import { COMMAND, LongRun } from '../support/long-run.js';
import type { Container, Runc } from '../support/runc.js';
import { startConfined, type ConfinedOptions } from './confined.js';
import { SERVICES, serviceSection } from './units.js';
import { readFile, rm } from 'node:fs/promises';

const [WORKER, LISTENER, CONSOLE] = SERVICES;
/** What the unit does not restart. */
const WRONG_SETTINGS = 2;
const CONFINED = `
const { writeFileSync, readFileSync, readdirSync } = require('node:fs');
const written = ['/file', '/etc/file', '/opt/vnf-migrator/file', '/var/file', '/usr/file'].filter((path) => {
  try { writeFileSync(path, ''); return true; } catch { return false; }
});
const seccomp = /^Seccomp:\\s*(\\d)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
console.log(JSON.stringify({ written, seccomp, uptime: readdirSync('/proc').includes('uptime'), uid: process.getuid() }));`;
const IS_CONFINED = JSON.stringify({ written: [], seccomp: '2', uptime: false, uid: 61_184 });

export interface ServicesOptions {
  runc: Runc;
  /** Where the package is installed. */
  prefix: string;
  report: (line: string) => void;
}

/** How many milliseconds each took to end. What is wrong is thrown. */
export async function tryServices({
  runc,
  prefix,
  report,
}: ServicesOptions): Promise<Record<string, number>> {
  const world = generateWorld({ services: 2, seed: 'systemd', vims: 2 });
  const run = await LongRun.begin(`systemd-run-${String(process.pid)}`, { persistent: false, report });
  try {
    const { repositoryUrl } = await run.startMano(world, ['--migration-ms', '500']);
    const common = await commonOptions(run, { prefix, repositoryUrl });
    await tryConfinement(runc, common);
    const ports = await freePorts(3);
    const at = (index: number): string => `127.0.0.1:${String(ports[index])}`;
    const start = (service: ConfinedOptions['service'], own: Record<string, string>): Promise<Container> =>
      startConfined(runc, { ...common, service, settings: { ...common.settings, ...own } });
    const worker = await start(WORKER, { HTTP_ADDRESS: at(0) });
    const listener = await start(LISTENER, { HTTP_ADDRESS: at(1) });
    const console_ = await start(CONSOLE, { CONSOLE_ADDRESS: at(2) });
    await until(worker, () => isOk(`http://${at(0)}/readyz`));
    await until(listener, () => isOk(`http://${at(1)}/readyz`));
    await until(console_, () => isOk(`http://${at(2)}/livez`));
    report('worker, listener and console are ready, under the restrictions of their units');
    await migrate(run, world);
    report('a VNF was migrated');
    return {
      listener: await stopInTime(listener, LISTENER),
      worker: await stopInTime(worker, WORKER),
      console: await stopInTime(console_, CONSOLE),
    };
  } finally {
    await runc.stop();
    await run.stop();
    await rm(run.directory, { recursive: true, force: true });
  }
}

async function commonOptions(
  run: LongRun,
  { prefix, repositoryUrl }: { prefix: string; repositoryUrl: string },
): Promise<Omit<ConfinedOptions, 'service'>> {
  const { settings: login } = await consoleLogin(run.directory);
  const broker = new URL(run.stack.amqpUrl);
  const password = decodeURIComponent(broker.password);
  broker.password = '';
  return {
    prefix,
    settings: {
      ...{ TEMPORAL_ADDRESS: run.stack.temporalAddress, TEMPORAL_NAMESPACE: run.stack.temporalNamespace },
      ...{ AMQP_URL: broker.href, REPOSITORY_URL: repositoryUrl },
    },
    credentials: {
      'amqp-password': password,
      'console-tokens': await readFile(login['CONSOLE_TOKENS_FILE']!, 'utf8'),
    },
  };
}

/** The restrictions are there at all, and wrong settings end as what is not restarted. */
async function tryConfinement(runc: Runc, common: Omit<ConfinedOptions, 'service'>): Promise<void> {
  const command = ['/usr/bin/env', 'node', '--eval', CONFINED];
  const looked = await (await startConfined(runc, { ...common, service: LISTENER, command })).ended;
  expectThat(looked.text.trim() === IS_CONFINED, `not confined: ${looked.text}, not ${IS_CONFINED}`);
  const settings = { ...common.settings, AMQP_URL: 'nonsense' };
  const refused = await (await startConfined(runc, { ...common, service: WORKER, settings })).ended;
  const [prevented] = (await serviceSection(WORKER)).get('RestartPreventExitStatus') ?? [];
  expectThat(Number(prevented) === WRONG_SETTINGS, `the unit restarts after wrong settings`);
  expectThat(refused.code === WRONG_SETTINGS, `wrong settings end with ${describeEnd(refused)}`);
}

async function migrate(run: LongRun, { services, vims }: WorldSpec): Promise<void> {
  const { serviceInstanceUuid, vnfs } = services[0]!;
  const settings = Object.entries(run.environment()).map(([key, value]) => `${key}=${value}`);
  const ids = ['--service', serviceInstanceUuid, '--vnf', vnfs[0]!.vnfUuid, '--vim', vims[1]!];
  const printed = await output('env', [...settings, process.execPath, COMMAND, 'migrate', ...ids, '--json']);
  expectThat(printed.includes('"outcome":"migrated"'), `a migration ends with ${printed}`);
}

async function stopInTime(container: Container, service: ConfinedOptions['service']): Promise<number> {
  const tookMs = await stopInOrder(container);
  const [limit = ''] = (await serviceSection(service)).get('TimeoutStopSec') ?? [];
  expectThat(
    tookMs < Number.parseInt(limit, 10) * 1_000,
    `${service.name}: ${String(tookMs)} ms, not ${limit}`,
  );
  return tookMs;
}
