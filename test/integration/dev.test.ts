// The private servers of `vnf-migrator dev`: several stacks in parallel, stop and restart, and no processes left
// behind. These tests start their own stacks, and do not use the one that the whole run shares.
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { connect } from 'amqplib';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startStack, type Stack } from '../../src/dev/stack.js';

// A name with a space: RabbitMQ is started by a shell script.
const folder = mkdtempSync(join(tmpdir(), 'vnf-migrator dev-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('two stacks beside each other', () => {
  const names = ['first', 'second'] as const;
  const stacks: Stack[] = [];
  const options = (name: string) => ({
    directory: join(folder, name),
    install: false,
    report: () => undefined,
    env: environment(name),
    management: name === 'second',
  });

  beforeAll(async () => {
    stacks.push(...(await Promise.all(names.map((name) => startStack(options(name))))));
  });
  afterAll(async () => {
    await Promise.all(stacks.map((stack) => stack.stop()));
    expect(names.flatMap(processesOf)).toEqual([]);
  });

  it('serve both, each with its own queues', async () => {
    const [first, second] = stacks;
    for (const stack of stacks) {
      await withTemporal(stack.temporalAddress, (client) => client.connection.ensureConnected());
    }
    await declareQueue(first!.amqpUrl);
    expect(await queues(first!)).toContain(QUEUE);
    expect(await queues(second!)).not.toContain(QUEUE);
  });

  it('show their pages', async () => {
    const [first, second] = stacks;
    expect(first!.managementUrl).toBeNull();
    const pages = [first!.temporalUiUrl!, second!.temporalUiUrl!, second!.managementUrl!];
    for (const page of pages) expect((await fetch(page)).status).toBe(200);
  });

  it('listen on the loopback address only', () => {
    const pids = names.flatMap(processesOf);
    expect(pids.map(programOf)).toEqual(expect.arrayContaining(['temporal', 'beam.smp', 'epmd']));
    expect(publicListeners(pids)).toEqual([]);
  });

  it('refuse a directory that is in use', async () => {
    await expect(startStack(options('first'))).rejects.toThrow(/in use by another stack/);
  });

  it('start a killed broker again, on its port and with its queues', async () => {
    const { rabbitmq, amqpUrl } = stacks[0]!;
    const { pid } = rabbitmq!;
    expect(programOf(pid)).toBe('beam.smp');
    await rabbitmq!.kill();
    expect(programOf(pid)).toBeNull();
    await expect(connect(amqpUrl, { timeout: 1_000 })).rejects.toThrow();
    await rabbitmq!.start();
    expect(await queues(stacks[0]!)).toContain(QUEUE);
  });

  it('start a killed Temporal again, on its port', async () => {
    const { temporal, temporalAddress } = stacks[1]!;
    const { pid } = temporal!;
    expect(programOf(pid)).toBe('temporal');
    await temporal!.kill();
    expect(programOf(pid)).toBeNull();
    await temporal!.start();
    await withTemporal(temporalAddress, (client) => client.connection.ensureConnected());
  });

  it('say that a server ended, if nobody asked it to', async () => {
    const { temporal } = stacks[1]!;
    process.kill(temporal!.pid, 'SIGKILL');
    expect(await temporal!.ended).toMatch(/Temporal ended unexpectedly \(signal SIGKILL\)/);
  });
});

describe('the command', () => {
  it('ends with its servers at Ctrl-C, and finds its data again; killed, it leaves no child behind', async () => {
    const first = startDev('command');
    const addresses = await first.addresses();
    await declareQueue(addresses.amqpUrl);
    await withTemporal(addresses.temporalAddress, startNeverEndingWorkflow);
    first.process.kill('SIGINT');
    expect(await first.exitCode).toBe(0);
    expect(processesOf('command')).toEqual([]);

    const second = startDev('command');
    const { amqpUrl, temporalAddress } = await second.addresses();
    await declareQueue(amqpUrl, { passive: true });
    await withTemporal(temporalAddress, (client) => client.workflow.getHandle(WORKFLOW).describe());
    expect(processesOf('command').map(programOf)).toEqual(
      expect.arrayContaining(['temporal', 'beam.smp', 'epmd']),
    );
    second.process.kill('SIGKILL');
    await second.exitCode;
    expect(await left('command')).toEqual([]);
    expect(existsSync(join(folder, 'command', 'reaper.lock'))).toBe(false);
    // Two starts, which take long where other tests keep the processors busy.
  }, 120_000);

  it.each([
    { signal: 'SIGKILL', code: null },
    { signal: 'SIGINT', code: 0 },
  ] as const)('leaves no child behind when it gets $signal while it starts', async ({ signal, code }) => {
    const name = `starting ${signal}`;
    const dev = startDev(name);
    await vi.waitUntil(() => processesOf(name).map(programOf).includes('beam.smp'), WAIT);
    dev.process.kill(signal);
    expect(await dev.exitCode).toBe(code);
    expect(await left(name)).toEqual([]);
  });

  it('says what to install when nothing is there and nothing may be installed, and starts nothing', async () => {
    const nothing = { PATH: dirname(process.execPath), XDG_CACHE_HOME: join(folder, 'no cache') };
    const dev = startDev('nothing', nothing);
    expect(await dev.exitCode).toBe(1);
    expect(dev.said()).toMatch(/^There is no Temporal here\. .*\n.*TEMPORAL_ADDRESS.*\n$/);
    expect(processesOf('nothing')).toEqual([]);
  });

  it('uses what the environment names, and starts nothing', async () => {
    const named = { TEMPORAL_ADDRESS: 'temporal.example:7233', AMQP_URL: 'amqp://broker.example' };
    const dev = startDev('named', named);
    const { temporalAddress, amqpUrl } = await dev.addresses();
    expect({ temporalAddress, amqpUrl }).toEqual({
      temporalAddress: named.TEMPORAL_ADDRESS,
      amqpUrl: named.AMQP_URL,
    });
    expect(processesOf('named').map(programOf)).not.toContain('temporal');
    dev.process.kill('SIGTERM');
    expect(await dev.exitCode).toBe(0);
  });
});

const QUEUE = 'only-here';
const WORKFLOW = 'never-ends';
const WAIT = { timeout: 20_000, interval: 50 };

/** No servers of others, and a mark by which every process of this stack is found, whoever its parent is. */
function environment(name: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([key]) => !['TEMPORAL_ADDRESS', 'AMQP_URL'].includes(key));
  return { ...Object.fromEntries(own), VNF_MIGRATOR_TEST_MARK: mark(name) };
}

function mark(name: string): string {
  return join(folder, name);
}

interface Dev {
  process: ChildProcess;
  exitCode: Promise<number | null>;
  addresses: () => Promise<{ temporalAddress: string; amqpUrl: string }>;
  said: () => string;
}

function startDev(name: string, env: NodeJS.ProcessEnv = {}): Dev {
  const command = new URL('../../src/cli/commands/dev.ts', import.meta.url).href;
  const script = `import { devCommand } from '${command}'; await devCommand().parseAsync();`;
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = spawn(
    process.execPath,
    [
      '--import',
      tsx,
      '--input-type=module',
      '-e',
      script,
      '--',
      '--directory',
      mark(name),
      '--no-install',
      '--json',
    ],
    { env: { ...environment(name), ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const line = new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve));
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  const early = exitCode.then((code) => Promise.reject(new Error(`dev ended early with ${code}: ${said}`)));
  early.catch(() => undefined);
  const addresses = async () =>
    JSON.parse(await Promise.race([line, early])) as { temporalAddress: string; amqpUrl: string };
  return { process: child, exitCode, addresses, said: () => said };
}

async function withTemporal<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

/** No worker ever takes it. With a search attribute, which is refused where it is not registered. */
async function startNeverEndingWorkflow(client: Client): Promise<void> {
  const typedSearchAttributes = new TypedSearchAttributes([
    { key: defineSearchAttributeKey('VnfUuid', SearchAttributeType.KEYWORD), value: 'a-vnf' },
  ]);
  await client.workflow.start('any', { workflowId: WORKFLOW, taskQueue: 'nobody', typedSearchAttributes });
}

async function declareQueue(url: string, { passive = false } = {}): Promise<void> {
  const connection = await connect(url, { timeout: 5_000 });
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await (passive ? channel.checkQueue(QUEUE) : channel.assertQueue(QUEUE, { durable: true }));
  } finally {
    await connection.close();
  }
}

function queues(stack: Stack): Promise<string> {
  return stack.rabbitmq!.ctl(['list_queues', '--quiet', 'name']);
}

/** What is left of a stack after some time, or as soon as nothing is. */
async function left(name: string): Promise<string[]> {
  await vi.waitUntil(() => processesOf(name).length === 0, WAIT).catch(() => undefined);
  return processesOf(name).map((pid) => `${pid} ${programOf(pid) ?? 'ended'}`);
}

function processesOf(name: string): number[] {
  const wanted = `VNF_MIGRATOR_TEST_MARK=${mark(name)}\0`;
  const isOurs = (pid: number) => read(`/proc/${pid}/environ`).includes(wanted) && programOf(pid) !== null;
  return readdirSync('/proc').map(Number).filter(Number.isInteger).filter(isOurs);
}

/** The name of a living process: a zombie only waits for its parent to read how it ended. */
function programOf(pid: number): string | null {
  const [, program, state] = /^\d+ \((.*)\) (\S)/.exec(read(`/proc/${pid}/stat`)) ?? [];
  return program === undefined || state === 'Z' ? null : program;
}

/** Their listening sockets on other than loopback addresses, as Linux writes them: hexadecimal, bytes reversed. */
function publicListeners(pids: number[]): string[] {
  const sockets = new Set(pids.flatMap(socketsOf));
  const rows = ['tcp', 'tcp6'].flatMap((table) => read(`/proc/net/${table}`).split('\n').slice(1));
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state, ...rest]) => state === '0A' && sockets.has(rest[5]!))
    .map(([, local]) => local!)
    .filter(
      (local) =>
        !/^(0100007F|00000000000000000000000001000000|0000000000000000FFFF00000100007F):/.test(local),
    );
}

function socketsOf(pid: number): string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? '').filter((inode) => inode !== '');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
