/**
 * Versioned workers: what work they receive, how a build becomes current, and which workflows stay with their
 * build.
 */
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, inject, it, onTestFinished, vi } from 'vitest';
import { runCli, startCli } from '../support/cli.js';
import { Deployment, HASTY, PATIENTLY, type Migration } from '../support/deployment.js';
import { ManoProcess } from '../support/mano-process.js';

const { amqpUrl, temporalAddress } = inject('stack');
const { VERSIONING_BEHAVIOR_AUTO_UPGRADE, VERSIONING_BEHAVIOR_PINNED } =
  proto.temporal.api.enums.v1.VersioningBehavior;

let mano: ManoProcess;
let deployment: Deployment;

beforeAll(async () => {
  mano = await ManoProcess.start({ amqpUrl, services: 6 });
  deployment = await Deployment.open({ amqpUrl, temporalAddress, mano });
});
afterAll(async () => {
  await deployment.close();
  await mano.close();
});

/** What makes a worker, or a command, one of a build. */
function build(id: string, { name, settings } = deployment): Record<string, string> {
  return { ...settings, TEMPORAL_DEPLOYMENT_NAME: name, TEMPORAL_WORKER_BUILD_ID: id };
}

/** One whose final never comes. */
async function migrationUnderWay(on: Deployment): Promise<Migration> {
  const ids = mano.take();
  await mano.addRules({ behaviour: 'final-lost', vnfUuid: ids.vnfUuid });
  const migration = await on.migrate({ finalTimeout: '5m' }, ids);
  await migration.until({ phase: 'awaiting-final' });
  return migration;
}

async function workersCheck(): Promise<{ text: string } | undefined> {
  const { stdout } = await runCli(['doctor', '--json'], deployment.settings);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; text: string }[] };
  return checks.find((check) => check.name === 'workers');
}

async function versioningOf(workflowId: string): Promise<unknown> {
  const { raw } = await deployment.client.workflow.getHandle(workflowId).describe();
  const { behavior, deploymentVersion } = raw.workflowExecutionInfo?.versioningInfo ?? {};
  return { behavior, buildId: deploymentVersion?.buildId };
}

it('a build is given work once it is current; a migration stays with it, a campaign does not', async () => {
  await deployment.startWorker(build('1'));
  const migration = await deployment.migrate();
  expect(await workersCheck()).toEqual({
    name: 'workers',
    state: 'failed',
    text: expect.stringMatching(
      /: 1 of build 1 of faults-\w+ \(migrations under way: 0\); but new migrations wait for one without a version/,
    ) as string,
  });

  const made = await runCli(['setup', '--current-version'], build('1'));
  expect(made.stdout).toContain(`build 1 of ${deployment.name} is current now, before it none`);
  expect(await migration.result()).toMatchObject({ outcome: 'migrated' });
  expect(await versioningOf(migration.workflowId)).toEqual({
    behavior: VERSIONING_BEHAVIOR_PINNED,
    buildId: '1',
  });
  expect(await workersCheck()).toMatchObject({
    state: 'ok',
    text: expect.stringMatching(/; new migrations begin on one of build 1 of faults-\w+$/) as string,
  });

  const { campaigns } = deployment.migrations;
  const { workflowId } = await campaigns.start(
    { items: [mano.take()], policy: HASTY },
    { name: deployment.name },
  );
  expect(await campaigns.result(workflowId)).toMatchObject({ state: 'COMPLETED' });
  expect(await versioningOf(workflowId)).toEqual({
    behavior: VERSIONING_BEHAVIOR_AUTO_UPGRADE,
    buildId: '1',
  });
});

it('setup waits for the workers of the build that it is to make current', async () => {
  const setup = startCli(['setup', '--current-version', '2', '--json'], build('1'));
  await deployment.startWorker(build('2'));
  const { code, stdout, stderr } = await setup.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    current: { deploymentName: deployment.name, buildId: '2', previousBuildId: '1' },
  });
  const again = await runCli(['setup', '--current-version', '2'], build('1'));
  expect(again.stdout).toContain(`build 2 of ${deployment.name} is current already`);
});

it('doctor tells how many migrations a build has to end, also after it was taken back', async () => {
  const back = await runCli(['setup', '--current-version', '1'], build('1'));
  expect(back.stdout).toContain(`build 1 of ${deployment.name} is current now, before it 2`);
  const migration = await migrationUnderWay(deployment);
  await runCli(['setup', '--current-version', '2'], build('2'));
  await untilUnderWay({ '1': 1, '2': 0 });
  await migration.cancel();
  await untilUnderWay({ '1': 0, '2': 0 });
});

/** Temporal counts a moment later. */
async function untilUnderWay(expected: Record<string, number>): Promise<void> {
  await vi.waitFor(async () => {
    const { text = '' } = (await workersCheck()) ?? {};
    const told = text.matchAll(/of build (\d+) of \S+ \(migrations under way: (\d+)\)/g);
    expect(Object.fromEntries([...told].map(([, id = '', count]) => [id, Number(count)]))).toEqual(expected);
  }, PATIENTLY);
}

it('the first build that is made current takes over what workers without a version have begun', async () => {
  const own = await Deployment.open({ amqpUrl, temporalAddress, mano });
  onTestFinished(() => own.close());
  const unversioned = await own.startWorker();
  const migration = await migrationUnderWay(own);
  await own.startWorker(build('1', own));
  const { code } = await runCli(['setup', '--current-version'], build('1', own));
  expect([code, await unversioned.stop()]).toEqual([0, 0]);
  await migration.cancel();
  expect(await migration.failure()).toMatchObject({ message: 'the migration was cancelled' });
  expect(await versioningOf(migration.workflowId)).toEqual({
    behavior: VERSIONING_BEHAVIOR_PINNED,
    buildId: '1',
  });
});

it('setup makes nothing current where the settings name no deployment', async () => {
  const { code, stderr } = await runCli(['setup', '--current-version', '1'], deployment.settings);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('needs TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID') as string,
  });
});
