/** The installed command at work: it migrates a VNF with an installed worker, against the project's own servers. */
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { startStack } from '../../src/dev/stack.js';
import { startCli } from '../support/cli.js';
import { ManoProcess } from '../support/mano-process.js';
import { stopped } from '../support/processes.js';
import { rm } from 'node:fs/promises';
import type { Consumer } from './consumer.js';

/** For a machine that has much else to do. */
const MIGRATES_WITHIN_MS = 120_000;

export async function migrates({ folder, manifest }: Consumer): Promise<string> {
  const main = join(folder, 'node_modules', manifest.name, manifest.bin[manifest.name] ?? '');
  const directory = `.vnf-migrator/package-${process.pid}`;
  const stack = await startStack({
    directory,
    management: false,
    install: process.env['VNF_MIGRATOR_NO_INSTALL'] !== '1',
    report: (line) => console.error(line),
  });
  const { amqpUrl, temporalAddress } = stack;
  try {
    const mano = await ManoProcess.start({ amqpUrl, services: 1 });
    try {
      const name = `package-${randomUUID().slice(0, 8)}`;
      const servers = { TEMPORAL_ADDRESS: temporalAddress, AMQP_URL: amqpUrl, AMQP_EXCHANGE: mano.exchange };
      const own = { TEMPORAL_TASK_QUEUE: name, DEPLOYMENT: name, REPOSITORY_URL: mano.repositoryUrl };
      return await migrateOne({ main, mano, settings: { ...servers, ...own } });
    } finally {
      await mano.close();
    }
  } finally {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Migrated {
  main: string;
  mano: ManoProcess;
  settings: Record<string, string>;
}

async function migrateOne({ main, mano, settings }: Migrated): Promise<string> {
  const { serviceInstanceUuid, vnfUuid, vimUuid } = mano.take();
  const worker = startCli(['worker'], settings, main);
  const args = ['migrate', '--service', serviceInstanceUuid, '--vnf', vnfUuid, '--vim', vimUuid];
  const command = startCli(args, settings, main);
  const late = setTimeout(() => command.child.kill('SIGKILL'), MIGRATES_WITHIN_MS);
  const { code, stdout, stderr } = await command.ended;
  clearTimeout(late);
  const workerCode = await stopped(worker);
  if (code !== 0 || workerCode !== 0)
    throw new Error(
      `migrate ended with ${String(code)}, the worker with ${String(workerCode)}:\n${stdout}${stderr}${worker.said().slice(-2_000)}`,
    );
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('migrated after')) throw new Error(`migrate says ${stdout}`);
  return line;
}
