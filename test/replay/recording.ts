/**
 * Plays scenarios and keeps their histories. record.ts runs it through vitest, because the rigs are vitest
 * fixtures.
 */
import { randomUUID } from 'node:crypto';
import { expect, inject } from 'vitest';
import { it, type History, type Rig } from '../support/rig.js';
import { newTask } from '../support/tasks.js';
import { PLAYS } from './campaign-plays.js';
import { CAMPAIGNS, type CampaignName } from './campaign-scenarios.js';
import { endingOf, writeHistory } from './histories.js';
import { NOTIFICATIONS, playNotifications, rigOf } from './notify-scenarios.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The names of those to record. */
    scenarios: string[];
  }
}

it.concurrent.for(inject('scenarios').filter((name) => name in SCENARIOS))(
  '%s',
  async (name, { rig: plain, rigWithRepository, open }) => {
    const scenario = SCENARIOS[name];
    if (scenario === undefined) throw new Error(`no scenario is called ${name}`);
    const shared = scenario.repository === true ? rigWithRepository : plain;
    const rig = scenario.ownRig === undefined ? shared : await open(scenario.ownRig);
    const history = await play(rig, scenario);
    expect(endingOf(history)).toBe(scenario.ending);
    await writeHistory(name, history);
    for (const [besideIt, workflowId] of Object.entries(scenario.beside?.(rig) ?? {})) {
      await writeHistory(besideIt, await rig.history(workflowId));
    }
  },
);

it.concurrent.for(inject('scenarios').filter(isCampaign))(
  '%s',
  async (name, { rig, rigWithRepository, open }) => {
    const { repository, ownRig, play } = PLAYS[name];
    const shared = repository === true ? rigWithRepository : rig;
    const campaign = await play(ownRig === undefined ? shared : await open(ownRig));
    const runs = (await campaign.runs()).map((events) => ({ events }));
    await writeRuns(name, { runs, ending: CAMPAIGNS[name] });
  },
);

it.concurrent.for(inject('scenarios').filter((name) => name in NOTIFICATIONS))(
  '%s',
  async (name, { open }) => {
    const scenario = NOTIFICATIONS[name];
    if (scenario === undefined) throw new Error(`no scenario is called ${name}`);
    const runs = await playNotifications(await open(rigOf(scenario)), scenario);
    await writeRuns(name, { runs, ending: scenario.ending });
  },
);

async function writeRuns(name: string, { runs, ending }: { runs: History[]; ending: string }): Promise<void> {
  const [first = {}, ...later] = runs;
  const last = later.at(-1);
  expect(endingOf(last ?? first)).toBe(ending);
  await writeHistory(name, first);
  if (last !== undefined) await writeHistory(`${name}-last-run`, last);
}

function isCampaign(name: string): name is CampaignName {
  return name in CAMPAIGNS;
}

async function play(rig: Rig, scenario: Scenario): Promise<History> {
  const { policy, script, probes, before, input, runTimeoutMs, during } = scenario;
  const task = newTask(policy);
  const stage = { rig, task };
  const { serviceInstanceUuid, vnfUuid } = task.input;
  if (rig.hasRepository) rig.repository.settle(task);
  if (script !== undefined) rig.mano.onMigration(serviceInstanceUuid, script(stage));
  if (probes !== undefined) rig.mano.onProbe(serviceInstanceUuid, probes);
  await before?.(stage);
  const handle = await rig.startRaw(input?.(task) ?? task.input, {
    workflowId: `vnf-migration/${vnfUuid}-${randomUUID().slice(0, 4)}`,
    ...(runTimeoutMs === undefined
      ? {}
      : { workflowRunTimeout: runTimeoutMs, retry: { initialInterval: 100 } }),
  });
  const { workflowId, firstExecutionRunId } = handle;
  await during?.(stage, workflowId);
  await rig.migrations.ending(workflowId);
  const runs = await rig.chain(workflowId, firstExecutionRunId);
  return runs.at(-1)!.history;
}
