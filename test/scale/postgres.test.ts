/** Temporal as in production, on PostgreSQL: set up by docs/scaling.md, used, killed, and used again. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { accountOf, type Migration as Accounted } from '../chaos/accounting.js';
import { runCli } from '../support/cli.js';
import { Deployment, PATIENTLY, type Migration } from '../support/deployment.js';
import { ManoProcess } from '../support/mano-process.js';
import { temporalExecutable } from '../support/temporal-cli.js';
import { TemporalOnPostgres } from '../support/temporal-on-postgres.js';

const { amqpUrl } = inject('stack');
const LIMIT_MS = 600_000;
const SET_UP_LIMIT_MS = 2_400_000;
const NAMESPACE = 'vnf';
const MIGRATIONS = 6;
const MIGRATION_MS = 5_000;
/** What is killed here takes longer to come back than its callers are used to. */
const POLICY = { ackTimeout: '30s', finalTimeout: '60s', deadline: '9m' };

let server: TemporalOnPostgres;
let mano: ManoProcess;
let deployment: Deployment;

beforeAll(async () => {
  server = await TemporalOnPostgres.start((line) => console.error(`[postgres] ${line}`));
  await temporal('operator', 'namespace', 'create', '--namespace', NAMESPACE, '--retention', '7d');
  await vi.waitFor(async () => expect((await cli('setup', '--json')).code).toBe(0), PATIENTLY);
  mano = await ManoProcess.start({ amqpUrl, services: 3 * MIGRATIONS, migrationMs: MIGRATION_MS });
  deployment = await Deployment.open({
    amqpUrl,
    temporalAddress: server.address,
    namespace: NAMESPACE,
    mano,
    settings: { REPOSITORY_URL: mano.repositoryUrl },
  });
  // The server takes some seconds to know of search attributes that were registered.
  await vi.waitFor(() => deployment.client.workflow.count(`VnfUuid = 'none'`), PATIENTLY);
  await deployment.startWorker();
}, SET_UP_LIMIT_MS);
afterAll(async () => {
  await deployment.close();
  await mano.close();
  await server.close();
});

async function temporal(...args: string[]): Promise<void> {
  await promisify(execFile)(temporalExecutable(), [...args, '--address', server.address]);
}

function cli(...args: string[]) {
  return runCli(args, { TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: NAMESPACE });
}

/** Resolves once the MANO is at work on each of them. */
async function migrationsUnderWay(): Promise<Migration[]> {
  const migrations = await Promise.all(Array.from({ length: MIGRATIONS }, () => deployment.migrate(POLICY)));
  const all = (): boolean => migrations.every(({ ids }) => mano.moves(ids).length > 0);
  await vi.waitUntil(all, PATIENTLY);
  return migrations;
}

async function endedWell(migrations: readonly Migration[]): Promise<void> {
  const ended = await Promise.all(
    migrations.map(async (migration): Promise<Accounted> => {
      const { ids, workflowId } = migration;
      return { ...ids, workflowId, ending: await migration.ending() };
    }),
  );
  const ours = new Set(ended.map(({ vnfUuid }) => vnfUuid));
  const ledger = mano.ledger().filter((entry) => !('vnfUuid' in entry) || ours.has(String(entry.vnfUuid)));
  const account = accountOf({ migrations: ended, ledger, world: await mano.world() });
  expect(account.violations).toEqual([]);
  expect(account).toMatchObject({ migrated: MIGRATIONS, sent: MIGRATIONS });
}

describe('Temporal on PostgreSQL', { timeout: LIMIT_MS }, () => {
  it('T7: runs migrations, and finds them by what they moved', async () => {
    const migrations = await migrationsUnderWay();
    await endedWell(migrations);
    const ids = migrations.map(({ workflowId }) => workflowId).sort();
    const [first] = migrations;
    await vi.waitFor(async () => {
      expect(await found('--vim', first!.ids.vimUuid, '--status', 'completed')).toEqual(ids);
    }, PATIENTLY);
    expect(await found('--vnf', first!.ids.vnfUuid)).toEqual([first!.workflowId]);
    expect(await found('--service', first!.ids.serviceInstanceUuid)).toEqual([first!.workflowId]);
  });

  it('T8: killed with migrations under way: they go on, each once', async () => {
    const migrations = await migrationsUnderWay();
    await server.temporal.kill();
    await server.temporal.start();
    await endedWell(migrations);
  });

  it('T9: whose database is killed with migrations under way: they go on, each once', async () => {
    const migrations = await migrationsUnderWay();
    await server.postgres.kill();
    // Its own children outlive it by a moment, and it waits for none of them.
    await vi.waitFor(() => server.postgres.start(), PATIENTLY);
    await endedWell(migrations);
  });

  async function found(...filter: string[]): Promise<string[]> {
    const { stdout } = await cli('list', '--json', ...filter);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => (JSON.parse(line) as { workflowId: string }).workflowId).sort();
  }
});
