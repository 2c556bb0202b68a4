/** VIMs on the command line, with a worker and a simulated MANO whose adaptor lists them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { entriesOf } from '../../src/simulator/index.js';
import { runCli } from '../support/cli.js';
import { Deployment } from '../support/deployment.js';
import { ManoProcess, type VnfIds } from '../support/mano-process.js';

const { amqpUrl, temporalAddress } = inject('stack');
let mano: ManoProcess;
let deployment: Deployment;

beforeAll(async () => {
  mano = await ManoProcess.start({ amqpUrl, services: 4 });
  deployment = await Deployment.open({
    amqpUrl,
    temporalAddress,
    mano,
    settings: { REPOSITORY_URL: mano.repositoryUrl },
  });
  await deployment.startWorker();
});
afterAll(async () => {
  await deployment.close();
  await mano.close();
});

function migrate({ serviceInstanceUuid, vnfUuid }: VnfIds, vim: string) {
  const args = ['migrate', '--service', serviceInstanceUuid, '--vnf', vnfUuid, '--vim', vim];
  return runCli(args, deployment.settings);
}

describe('a VIM', () => {
  it("of nobody's uuid is refused by the migration, and nothing is sent to the MANO", async () => {
    const ids = mano.take();
    const { code, stdout } = await migrate(ids, randomUUID());
    expect(stdout).toMatch(/MigrationRejected: no VIM .*; known are .*athens-1 \(.*; not sent/);
    expect(code).toBe(1);
    expect(mano.requests(ids, 'migration')).toEqual([]);
  });

  it('of no name on the list is refused by the command, and no migration begins', async () => {
    const ids = mano.take();
    const { code, stderr } = await migrate(ids, 'athens');
    expect(stderr).toMatch(/--vim: no VIM is named "athens"; known are athens-1 \(/);
    expect(code).toBe(2);
    expect((await runCli(['status', ids.vnfUuid], deployment.settings)).code).toBe(1);
  });

  it('by its name is migrated to, and named in the result', async () => {
    const [, target] = mano.vims();
    const ids = mano.take();
    const { code } = await migrate(ids, target!.name!.toUpperCase());
    expect(code).toBe(0);
    const { stdout } = await runCli(['status', ids.vnfUuid, '--json'], deployment.settings);
    expect(JSON.parse(stdout)).toMatchObject({
      result: { vimUuid: target!.vimUuid, sourceVimName: 'athens-1', targetVimName: target!.name },
    });
  });

  it('is listed with its load and its VNFs', async () => {
    const { stdout } = await runCli(['vims', '--json'], deployment.settings);
    const listed = (JSON.parse(stdout) as { vims: { name: string; vnfs: number }[] }).vims;
    expect(listed.map(({ name }) => name)).toEqual(['athens-1', 'aveiro-2', 'tel-aviv-3']);
    expect(listed[0]).toMatchObject({
      type: 'vm',
      city: 'Athens',
      cores: { used: 7, total: 100_000 },
      vnfs: 7,
      movingIn: 0,
    });
    expect(listed[1]).toMatchObject({ vnfs: 1 });
    expect((await runCli(['vims'], deployment.settings)).stdout).toMatch(
      /^athens-1 +[0-9a-f-]{36} +vm +Athens/m,
    );
  });

  it('is looked for once, however many migrate', () => {
    const asked = entriesOf(mano.ledger(), 'vim-list').filter(({ appId }) => appId === 'vnf-migrator');
    // The worker at its start, once more for the unknown one, and each command that was given a name or lists them.
    expect(asked.length).toBeLessThanOrEqual(2 + 2 + 2);
  });
});
