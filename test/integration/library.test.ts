/**
 * The package as a dependency: what `package.json` exports, and a worker of another project that runs our
 * workflows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject } from 'vitest';
import { it } from '../support/rig.js';
import { ack, ready } from '../support/scripted-mano.js';
import { newTask } from '../support/tasks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { temporalAddress, amqpUrl } = inject('stack');

describe('the package', () => {
  it('has every file that its exports name, with types', async () => {
    const { exports } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as {
      exports: Record<string, string>;
    };
    expect(Object.keys(exports)).toEqual([
      '.',
      './contract',
      './workflow',
      './nexus',
      './workflows',
      './workflow-interceptors',
      './activities',
      './codec',
    ]);
    for (const file of Object.values(exports)) {
      await expect(readFile(`${root}${file}`, 'utf8'), file).resolves.not.toBe('');
      await expect(readFile(`${root}${file.replace(/\.js$/, '.d.ts')}`, 'utf8'), file).resolves.not.toBe('');
    }
  });
});

it('a worker of somebody else’s runs our workflows with our activities', async ({ open }) => {
  const rig = await open({ worker: false });
  const task = newTask();
  rig.mano.onMigration(task.input.serviceInstanceUuid, () => [ack(), ready(task.readyRecords)]);
  const id = await rig.start(task.input);
  const worker = spawn(process.execPath, ['--import', 'tsx', `${root}examples/typescript/own-worker.ts`], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'ignore'],
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_TASK_QUEUE: rig.taskQueue,
      AMQP_URL: amqpUrl,
      AMQP_EXCHANGE: rig.exchange,
      DEPLOYMENT: rig.deployment,
    },
  });
  const ended = once(worker, 'exit');
  try {
    const result = await rig.migrations.result(id, { waitMs: 50_000 });
    expect(result).toMatchObject({ outcome: 'migrated', newVnfUuid: task.newVnfUuid });
  } finally {
    worker.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  }
});
