/**
 * What the demo migrates, and how each migration is announced to end: ten at once, some of which cannot go
 * well. Pure: made of the simulated world.
 */
import type { MigrationInput, PolicyInput } from '../shared/migration.js';
import type { RuleInput, WorldSpec } from '../simulator/index.js';

export interface DemoCase {
  title: string;
  input: MigrationInput;
  /** The outcome, or the failure type, that is announced. */
  expected: string;
  /** Faults that the simulated MANO is given for it. */
  rules: RuleInput[];
}

/** Services that the cases use: one each, but for the two VNFs of one service. */
export const DEMO_SERVICES = 10;

/** Short, because the simulated MANO moves a VNF in seconds. */
const POLICY: PolicyInput = {
  finalTimeout: '12s',
  initialInterval: '2s',
  maximumInterval: '10s',
  deadline: '3m',
};

const UNKNOWN_VNF = '00000000-0000-4000-8000-000000000404';

/** The first migration, told step by step. */
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
