/**
 * The migrations of the demo with their expected results: ten that run simultaneously, some of which cannot
 * succeed, and a campaign. All functions are pure: their results follow from the simulated world.
 */
import type { CampaignInput } from '../shared/campaign/contract.js';
import type { ItemCounts } from '../shared/campaign/views.js';
import type { MigrationInput, PolicyInput } from '../shared/migration/contract.js';
import { generateWorld, type RuleInput, type WorldSpec } from '../simulator/index.js';

export interface DemoCase {
  title: string;
  input: MigrationInput;
  /** The expected outcome or failure type. */
  expected: string;
  /** Faults of the simulated MANO for this case. */
  rules: RuleInput[];
}

/** The number of services in the cases. Each case has its own service, except the two VNFs of one service. */
const CASE_SERVICES = 10;
/** Each has two VNFs, on a separate VIM that a campaign empties. */
const CAMPAIGN_SERVICES = 10;
const CAMPAIGN_VIM = 3;

/** Short, because the simulated MANO moves a VNF in seconds. */
const POLICY: PolicyInput = {
  finalTimeout: '12s',
  initialInterval: '2s',
  maximumInterval: '10s',
  deadline: '3m',
};

const UNKNOWN_VNF = '00000000-0000-4000-8000-000000000404';

/** Everything is on the first VIM, except the VNFs of the campaign. */
export function demoWorld(seed: string): WorldSpec {
  const world = generateWorld({ services: CASE_SERVICES + CAMPAIGN_SERVICES, vims: CAMPAIGN_VIM + 1, seed });
  const vim = world.vims[CAMPAIGN_VIM] ?? '';
  for (const { vnfs } of world.services.slice(CASE_SERVICES)) for (const vnf of vnfs) vnf.vimUuids = [vim];
  return world;
}

export interface DemoCampaign {
  input: CampaignInput;
  /** The expected results of its items. */
  expected: Partial<ItemCounts>;
  rules: RuleInput[];
}

/** The campaign empties a VIM of twenty VNFs, one of which cannot succeed. */
export function demoCampaign(world: WorldSpec): DemoCampaign {
  const vims = (indexes: readonly number[]): string[] => indexes.flatMap((index) => world.vims[index] ?? []);
  const moved = world.services.slice(CASE_SERVICES).flatMap(({ vnfs }) => vnfs);
  return {
    input: {
      evacuate: { vims: vims([CAMPAIGN_VIM]) },
      target: { vims: vims([1, 2]), strategy: 'spread' },
      limits: { total: 10, perSourceVim: 10, perTargetVim: 5 },
      policy: POLICY,
      actor: 'demo',
      reason: 'the VIM is to be maintained',
    },
    expected: { MIGRATED: moved.length - 1, FAILED: 1 },
    rules: moved.slice(7, 8).map(({ vnfUuid }) => ({ behaviour: 'removal-fails', vnfUuid, times: 1 })),
  };
}

/** The first migration, shown step by step. */
export function firstCase(world: WorldSpec): DemoCase {
  return caseOf(world, { service: 0, title: 'a VNF moves', expected: 'migrated' });
}

export function tenCases(world: WorldSpec): DemoCase[] {
  const fault = (behaviour: RuleInput['behaviour']) => (vnfUuid: string) => [
    { behaviour, vnfUuid, times: 1 },
  ];
  return [
    caseOf(world, { service: 1, title: 'plain', expected: 'migrated' }),
    caseOf(world, { service: 2, title: 'plain', expected: 'migrated' }),
    caseOf(world, { service: 3, title: 'two of one service', expected: 'migrated' }),
    caseOf(world, { service: 3, vnf: 1, title: 'two of one service', expected: 'migrated' }),
    caseOf(world, {
      service: 4,
      title: 'the reply comes twice',
      expected: 'migrated',
      rules: fault('duplicate-final'),
    }),
    caseOf(world, {
      service: 5,
      title: 'deployment fails once',
      expected: 'migrated',
      rules: fault('deploy-fails'),
    }),
    caseOf(world, {
      service: 6,
      title: 'the last reply is lost',
      expected: 'migrated',
      rules: fault('final-lost'),
    }),
    caseOf(world, {
      service: 7,
      title: 'removal fails',
      expected: 'MigrationFailed',
      rules: fault('removal-fails'),
    }),
    { ...caseOf(world, { service: 8, vim: 0, title: 'is there already', expected: 'already-there' }) },
    unknownVnf(caseOf(world, { service: 9, title: 'no such VNF', expected: 'MigrationRejected' })),
  ];
}

interface CaseOptions {
  service: number;
  vnf?: number;
  vim?: number;
  title: string;
  expected: string;
  rules?: (vnfUuid: string) => RuleInput[];
}

function caseOf(world: WorldSpec, options: CaseOptions): DemoCase {
  const { service: index, vnf = 0, vim = 1, title, expected, rules } = options;
  const service = world.services[index];
  const vnfUuid = service?.vnfs[vnf]?.vnfUuid;
  const vimUuid = world.vims[vim];
  if (service === undefined || vnfUuid === undefined || vimUuid === undefined) {
    throw new Error(`the demo's world has no service ${index} with VNF ${vnf}, or no VIM ${vim}`);
  }
  const { serviceInstanceUuid } = service;
  return {
    title,
    expected,
    input: { serviceInstanceUuid, vnfUuid, vimUuid, policy: POLICY },
    rules: rules?.(vnfUuid) ?? [],
  };
}

function unknownVnf(demoCase: DemoCase): DemoCase {
  return { ...demoCase, input: { ...demoCase.input, vnfUuid: UNKNOWN_VNF } };
}
