/**
 * The scenarios to record: one for every kind of ending of `migrateVnf`, and for every course that leaves other
 * events in the history.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LimitsClient } from '../../src/client/limits-client.js';
import type { PolicyInput } from '../../src/shared/migration/contract.js';
import { limitsWorkflowId } from '../../src/shared/names.js';
import { gatekeeperFaultsSchema } from '../../src/simulator/gatekeeper.js';
import type { GatekeeperFaultsInput } from '../../src/simulator/index.js';
import type { Rig, RigOptions } from '../support/rig.js';
import {
  ack,
  busy,
  CREATE_TOPIC,
  finalError,
  free,
  later,
  ready,
  rejection,
  silence,
  type Script,
} from '../support/scripted-mano.js';
import type { Task } from '../support/tasks.js';

export interface Stage {
  rig: Rig;
  task: Task;
}

type ScriptOf = (stage: Stage) => Script;

export interface Scenario {
  /** As `endingOf` tells it. */
  ending: string;
  policy?: PolicyInput;
  /** With the records of a repository. */
  repository?: boolean;
  /** Opened for this scenario alone. */
  ownRig?: RigOptions;
  /** How the MANO answers requests; by default not at all. */
  script?: ScriptOf;
  /** How it answers probes; by default not at all. */
  probes?: Script;
  /** What is done before the start; a repository holds the VNF by then. */
  before?: (stage: Stage) => void | Promise<void>;
  /** By default the task's. */
  input?: (task: Task) => unknown;
  /** The caller's own time limit for a run, with a retry policy. */
  runTimeoutMs?: number;
  /** What happens while it runs. */
  during?: (stage: Stage, workflowId: string) => Promise<unknown>;
  /** Other workflows whose histories are kept: their ids, by the names of the files. */
  beside?: (rig: Rig) => Record<string, string>;
}

const HASTY: PolicyInput = { ackTimeout: 300, finalTimeout: 300, probeTimeout: 200, maxProbes: 2 };
const deployFails = [ack(), finalError('mano.function.deploy', { topic: CREATE_TOPIC })];

/** READY, and a repository that shows it. */
const moved = ({ rig, task }: Stage) => {
  if (rig.hasRepository) rig.repository.move(task);
  return [ack(), ready(task.readyRecords)];
};
/** These answers to the first requests, then success. */
const afterwards =
  (refusals: number, refusal: Script): ScriptOf =>
  (stage) =>
  (request, nth) =>
    nth <= refusals ? refusal(request, nth) : moved(stage);
const always =
  (...replies: ReturnType<Script>): ScriptOf =>
  () =>
  () =>
    replies;

const resolve =
  (outcome: 'migrated' | 'not-migrated') =>
  async ({ rig }: Stage, workflowId: string): Promise<void> => {
    await rig.inPhase(workflowId, 'awaiting-operator');
    const newVnfUuid = '00000000-0000-4000-8000-00000000beef';
    const found = outcome === 'migrated' ? { newVnfUuid } : {};
    await rig.migrations.resolve(workflowId, { outcome, ...found, actor: 'ada', reason: 'saw it run' });
  };

const cancelIn =
  (phase: 'busy' | 'awaiting-final') =>
  async ({ rig }: Stage, workflowId: string): Promise<void> => {
    await rig.inPhase(workflowId, phase);
    await rig.migrations.cancel(workflowId);
  };

const MIGRATED: Record<string, Scenario> = {
  'migrated-by-reply': { ending: 'migrated (reply)', script: (stage) => () => moved(stage) },
  'migrated-by-reply-verified': {
    ending: 'migrated (reply)',
    repository: true,
    script: (stage) => () => moved(stage),
  },
  'migrated-final-before-ack': {
    ending: 'migrated (reply)',
    script: (stage) => () => moved(stage).reverse(),
  },
  'migrated-many-duplicates': {
    ending: 'migrated (reply)',
    script:
      ({ task }) =>
      () => {
        const acks = Array.from({ length: 20 }, ack);
        const final = ready(task.readyRecords);
        // Other bytes, the same meaning: no redelivery, and so a signal each.
        return [...acks, { ...ack(), topic: CREATE_TOPIC }, later(500, final), final, busy()];
      },
  },
  'migrated-summarised-records': {
    ending: 'migrated (reply)',
    script: (stage) => () => {
      const { nsr } = stage.task.readyRecords;
      nsr.sla_id = 'x'.repeat(140_000);
      return moved(stage);
    },
  },
  'migrated-perhaps-sent': {
    ending: 'migrated (reply)',
    ownRig: {
      around: ({ publishRequest }) => ({
        publishRequest: async (input) => {
          await publishRequest(input);
          throw new Error('the worker died');
        },
      }),
    },
    script:
      ({ task }) =>
      () => [later(1_000, ack()), ready(task.readyRecords)],
  },
  'migrated-late-reply': {
    ending: 'migrated (late-reply)',
    policy: HASTY,
    probes: () => [free()],
    script:
      ({ rig, task }) =>
      (_, nth) => {
        const [first] = rig.mano.migrations(task.input.serviceInstanceUuid);
        return nth === 1 ? [] : [{ ...ready(task.readyRecords), correlationId: first?.correlationId }];
      },
  },
  'migrated-by-repository-final-lost': {
    ending: 'migrated (repository)',
    policy: HASTY,
    repository: true,
    probes: () => [free()],
    script: (stage) => () => moved(stage).slice(0, 1),
  },
  'migrated-by-repository-after-it-was-down': {
    ending: 'migrated (repository)',
    policy: HASTY,
    repository: true,
    probes: () => [free()],
    script: (stage) => () => {
      stage.rig.repository.be('broken', stage.task);
      return moved(stage).slice(0, 1);
    },
    during: async ({ rig, task }, workflowId) => {
      await rig.inPhase(workflowId, 'reconciling');
      // All tries of the activity are over by then.
      await delay(5_000);
      rig.repository.be('up', task);
    },
  },
  'migrated-by-operator': {
    ending: 'migrated (operator)',
    policy: { onUnknownOutcome: 'wait' },
    script: always(...deployFails),
    during: resolve('migrated'),
  },
};

const MIGRATED_AT_LAST: Record<string, Scenario> = {
  'again-after-busy': { ending: 'migrated (reply)', script: afterwards(2, () => [busy()]) },
  'again-after-mano-could-not-read': {
    ending: 'migrated (reply)',
    repository: true,
    script: afterwards(1, () => [rejection(500)]),
  },
  'again-after-not-taken': {
    ending: 'migrated (reply)',
    policy: { ackTimeout: '1s' },
    probes: () => [free()],
    script: afterwards(1, silence),
  },
  'again-after-untouched': {
    ending: 'migrated (reply)',
    repository: true,
    script: afterwards(1, () => deployFails),
  },
  'again-by-policy': {
    ending: 'migrated (reply)',
    policy: { onUnknownOutcome: 'retry' },
    script: afterwards(1, () => deployFails),
  },
  'final-late-while-busy': {
    ending: 'migrated (reply)',
    policy: { ...HASTY, maximumInterval: 300 },
    probes: () => [busy()],
    script:
      ({ task }) =>
      () => [ack(), later(3_000, ready(task.readyRecords))],
  },
};

const THERE: Record<string, Scenario> = {
  'already-there-by-reply': {
    ending: 'already-there (reply)',
    script: always(rejection('vnf already deployed on this vim')),
  },
  'already-there-before': {
    ending: 'already-there (repository)',
    repository: true,
    input: ({ input, sourceVim }) => ({ ...input, vimUuid: sourceVim }),
  },
};

const FAILED: Record<string, Scenario> = {
  'invalid-request': {
    ending: 'InvalidMigrationRequest',
    input: ({ input }) => ({ ...input, vnfUuid: 'none', policy: { deadline: 'soon' } }),
  },
  'rejected-permanent': { ending: 'MigrationRejected', script: always(rejection(404)) },
  'rejected-before': {
    ending: 'MigrationRejected',
    repository: true,
    before: ({ rig, task }) => rig.repository.unlist(task),
  },
  'rejected-mano-could-not-read': {
    ending: 'MigrationRejected (may be retried)',
    policy: { busyTimeout: 400 },
    script: always(rejection(500)),
  },
  'service-busy': {
    ending: 'ServiceBusy (may be retried)',
    policy: { busyTimeout: 400 },
    script: always(busy()),
  },
  'broker-unavailable': {
    ending: 'BrokerUnavailable (may be retried)',
    ownRig: { publisher: false },
    policy: { publishTimeout: 300 },
  },
  'failed-and-left-a-copy': {
    ending: 'MigrationFailed',
    repository: true,
    script:
      ({ rig, task }) =>
      () => {
        rig.repository.leaveCopy(task);
        return deployFails;
      },
  },
  'failed-removal': {
    ending: 'MigrationFailed',
    script: always(ack(), finalError('mano.function.remove')),
  },
  'failed-untouched': {
    ending: 'MigrationFailed (may be retried)',
    policy: { maxAttempts: 2 },
    repository: true,
    script: always(...deployFails),
  },
  'failed-says-operator': {
    ending: 'MigrationFailed',
    policy: { onUnknownOutcome: 'wait' },
    script: always(...deployFails),
    during: resolve('not-migrated'),
  },
  'not-acknowledged': { ending: 'MigrationNotAcknowledged', policy: HASTY },
  'not-acknowledged-untouched': {
    ending: 'MigrationNotAcknowledged (may be retried)',
    policy: { ...HASTY, maxAttempts: 1 },
    repository: true,
    probes: () => [free()],
  },
  'unknown-final-lost': {
    ending: 'MigrationOutcomeUnknown',
    policy: HASTY,
    probes: () => [free()],
    script: always(ack()),
  },
  'unknown-at-deadline': {
    ending: 'MigrationOutcomeUnknown',
    policy: { finalTimeout: 200, deadline: 3_000 },
    probes: () => [busy()],
    script: always(ack()),
  },
  'unknown-cut-short': {
    ending: 'MigrationOutcomeUnknown',
    script: always(ack()),
    runTimeoutMs: 2_000,
  },
};

const CANCELLED: Record<string, Scenario> = {
  'cancelled-while-it-runs': {
    ending: 'cancelled',
    script: always(ack()),
    during: cancelIn('awaiting-final'),
  },
  'cancelled-while-busy': {
    ending: 'cancelled',
    policy: { initialInterval: '20s', maximumInterval: '20s' },
    script: always(busy()),
    during: cancelIn('busy'),
  },
  'cancelled-while-publishing': {
    ending: 'cancelled',
    ownRig: { publisher: false },
    during: async ({ rig }, workflowId) => {
      await rig.inPhase(workflowId, 'publishing');
      await rig.migrations.cancel(workflowId);
    },
  },
};

const faulty =
  (faults: GatekeeperFaultsInput) =>
  ({ rig }: Stage): void => {
    rig.gatekeeper.faults = gatekeeperFaultsSchema.parse(faults);
  };
const THROUGH: PolicyInput = { transport: 'gatekeeper' };
const ROUTED: RigOptions = { gatekeeper: true };
const movedLater: ScriptOf = (stage) => () => {
  const [first, ...rest] = moved(stage);
  return first === undefined ? [] : [first, ...rest.map((reply) => later(300, reply))];
};

const THROUGH_THE_GATEKEEPER: Record<string, Scenario> = {
  'gatekeeper-migrated': {
    ending: 'migrated (reply)',
    policy: THROUGH,
    ownRig: ROUTED,
    script: movedLater,
  },
  'gatekeeper-callback-lost': {
    ending: 'migrated (reply)',
    policy: THROUGH,
    ownRig: ROUTED,
    before: faulty({ callback: 'lost' }),
    script: movedLater,
  },
  'gatekeeper-answer-cut-off': {
    ending: 'migrated (reply)',
    policy: THROUGH,
    ownRig: ROUTED,
    before: faulty({ post: 'dropped' }),
    script: movedLater,
  },
  'gatekeeper-refused': {
    ending: 'MigrationRejected',
    policy: THROUGH,
    ownRig: ROUTED,
    script: always(rejection(404)),
  },
  'gatekeeper-failed': {
    ending: 'MigrationFailed',
    policy: THROUGH,
    ownRig: ROUTED,
    script: always(ack(), later(300, finalError('mano.function.remove'))),
  },
  'gatekeeper-silent': {
    ending: 'MigrationOutcomeUnknown',
    policy: { ...THROUGH, ...HASTY, deadline: 8_000 },
    probes: () => [free()],
    ownRig: ROUTED,
    before: faulty({ callback: 'lost' }),
    script: always(ack()),
  },
};

const limitsOf = ({ client, deployment, taskQueue }: Rig) =>
  new LimitsClient({ client, deployment, taskQueue });
const BY = { actor: 'ada', reason: 'a record' };

const UNDER_LIMITS: Record<string, Scenario> = {
  'migrated-after-a-wait-for-a-permit': {
    ending: 'migrated (reply)',
    ownRig: { repository: true },
    before: async ({ rig }) => {
      await limitsOf(rig).set({ ...BY, total: 0 });
    },
    script: (stage) => () => moved(stage),
    during: async ({ rig, task }, workflowId) => {
      await rig.inPhase(workflowId, 'awaiting-permit');
      // In force, and so that the wait is for a limit.
      await delay(5_000);
      const vims = [{ vimUuid: task.input.vimUuid, in: 1 }];
      await limitsOf(rig).set({ ...BY, total: 1, vims });
      await rig.migrations.ending(workflowId);
      await limitsOf(rig).clear(BY);
      await rig.client.workflow.getHandle(limitsWorkflowId(rig.deployment)).result();
    },
    beside: (rig) => ({ 'limits-set-and-cleared': limitsWorkflowId(rig.deployment) }),
  },
  'rejected-by-the-deadline-of-a-permit': {
    ending: 'MigrationRejected (may be retried)',
    policy: { deadline: 3_000 },
    ownRig: {},
    before: async ({ rig }) => {
      await limitsOf(rig).set({ ...BY, total: 0 });
    },
  },
};

export const SCENARIOS: Record<string, Scenario> = {
  ...MIGRATED,
  ...MIGRATED_AT_LAST,
  ...THERE,
  ...FAILED,
  ...CANCELLED,
  ...THROUGH_THE_GATEKEEPER,
  ...UNDER_LIMITS,
};
