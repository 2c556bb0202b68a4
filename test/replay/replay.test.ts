/**
 * Replays recorded migrations with the current workflow code: a migration that an older version began must be able
 * to continue. It needs no server. If this test fails, read docs/upgrades.md.
 */
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { makeTelemetryFilterString, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/observability/logger.js';
import { runtimeLogger } from '../../src/observability/runtime-logger.js';
import { FAILURE_TYPES } from '../../src/shared/migration/failures.js';
import type { AttemptReason, Evidence, Outcome, Sent } from '../../src/shared/migration/contract.js';
import { CAMPAIGNS } from './campaign-scenarios.js';
import { attemptsOf, endingOf, recordedHistories, type History } from './histories.js';
import { NOTIFICATIONS } from './notify-scenarios.js';
import { SCENARIOS } from './scenarios.js';

const RECORDED = recordedHistories();
const logger = runtimeLogger(createLogger({ level: 'silent' }));

/** The error of each history, by its file; undefined: it replays. */
let results: Map<string, Error | undefined>;
let changedCode: string;
let presentCode: string;

beforeAll(async () => {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger, shutdownSignals: [], telemetryOptions: { logging: { filter, forward: {} } } });
  [presentCode, changedCode] = await Promise.all([
    bundleOf('../../src/workflows/index.ts'),
    bundleOf('./changed-workflow.ts'),
  ]);
  results = await replay(presentCode, RECORDED);
}, 60_000);

async function bundleOf(source: string): Promise<string> {
  const workflowsPath = fileURLToPath(new URL(source, import.meta.url));
  return (await bundleWorkflowCode({ workflowsPath, preloadModules: [workflowsPath], logger })).code;
}

/** In the order given, one after the other: so results need no names of their own. */
async function replay(
  code: string,
  histories: Map<string, { workflowId: string; history: History }>,
): Promise<Map<string, Error | undefined>> {
  const names = [...histories.keys()];
  const told = new Map<string, Error | undefined>();
  const replays = Worker.runReplayHistories({ workflowBundle: { code } }, histories.values());
  for await (const { error } of replays) told.set(names[told.size] ?? '', error);
  return told;
}

describe("today's workflow code replays", () => {
  it.each([...RECORDED.keys()])('%s', (file) => {
    expect(results.has(file)).toBe(true);
    const error = results.get(file);
    if (error !== undefined) throw new Error(`${error.message}\nSee docs/upgrades.md.`, { cause: error });
  });
});

// A new evidence, reason or way of sending does not compile until it is here, and then asks for a history.
const OUTCOMES: Record<Evidence, Outcome[]> = {
  reply: ['migrated', 'already-there'],
  'late-reply': ['migrated'],
  repository: ['migrated', 'already-there'],
  operator: ['migrated'],
};
const SENT: Record<Exclude<Sent, 'publishing'>, true> = { confirmed: true, perhaps: true, 'not-sent': true };
const REASONS: Record<AttemptReason, true> = {
  first: true,
  'service-was-busy': true,
  'mano-failed-to-read-its-repository': true,
  'probe-says-not-taken': true,
  'repository-says-untouched': true,
  'policy-says-retry': true,
};

describe('there is a recorded migration', () => {
  const all = [...RECORDED.values()];
  const endings = all.map(({ history }) => endingOf(history));
  const attempts = all.flatMap(({ history }) => attemptsOf(history));

  it.each(FAILURE_TYPES)('that failed with %s', (type) => {
    expect(endings.filter((ending) => ending?.startsWith(type))).not.toEqual([]);
  });

  it.each(
    Object.entries(OUTCOMES).flatMap(([evidence, outcomes]) =>
      outcomes.map((outcome) => `${outcome} (${evidence})`),
    ),
  )('that ended as %s', (ending) => {
    expect(endings).toContain(ending);
  });

  it('that was cancelled', () => {
    expect(endings).toContain('cancelled');
  });

  it.each(Object.keys(REASONS))('with a request sent because %s', (reason) => {
    expect(attempts.map((attempt) => attempt.reason)).toContain(reason);
  });

  it.each(Object.keys(SENT))('with a request that was %s', (sent) => {
    expect(attempts.map((attempt) => attempt.sent)).toContain(sent);
  });

  it.each(Object.entries(SCENARIOS))('of the scenario %s', (scenario, { ending }) => {
    const own = all.filter((recorded) => recorded.scenario === scenario);
    expect(own.map(({ history }) => endingOf(history))).toContain(ending);
  });

  it.each(Object.entries(CAMPAIGNS))('of the %s', (scenario, ending) => {
    const own = all.filter((recorded) => recorded.scenario.startsWith(scenario));
    expect(own.map(({ history }) => endingOf(history))).toContain(ending);
  });

  it.each(Object.entries(NOTIFICATIONS))('of the notifications %s', (scenario, { ending }) => {
    const own = all.filter((recorded) => recorded.scenario.startsWith(scenario));
    expect(own.map(({ history }) => endingOf(history))).toContain(ending);
  });

  it('of a run that goes on in another', () => {
    expect(endings).toContain('continued as new');
  });
});

describe('a replay fails', () => {
  it.each([...RECORDED.keys()].filter((file) => /^(migrated-by-reply|service-busy|cancelled)/.test(file)))(
    'with other workflow code: %s',
    async (file) => {
      const recorded = RECORDED.get(file)!;
      const error = (await replay(changedCode, new Map([[file, recorded]]))).get(file);
      expect(error).toMatchObject({ name: 'DeterminismViolationError' });
    },
  );

  const [[file, sample] = []] = [...RECORDED].filter(([, { scenario }]) => scenario === 'migrated-by-reply');

  it.each([
    ['another activity', (history: History) => void (requestIn(history).activityType!.name = 'publishTwice')],
    ['a request that was not sent', (history: History) => dropActivity(history)],
  ])('with a history of %s', async (_, tamper) => {
    const history = structuredClone(sample!.history);
    tamper(history);
    const error = (await replay(presentCode, new Map([[file!, { ...sample!, history }]]))).get(file!);
    expect(error).toMatchObject({ name: 'DeterminismViolationError' });
  });
});

/** The request's activity. */
function requestIn({ events }: History) {
  return events!.find((event) => event.activityTaskScheduledEventAttributes)!
    .activityTaskScheduledEventAttributes!;
}

/** As if the workflow had waited, and asked for nothing. */
function dropActivity(history: History): void {
  const event = history.events!.find(({ activityTaskScheduledEventAttributes: own }) => own)!;
  const workflowTaskCompletedEventId = requestIn(history).workflowTaskCompletedEventId!;
  delete event.activityTaskScheduledEventAttributes;
  event.eventType = proto.temporal.api.enums.v1.EventType.EVENT_TYPE_TIMER_STARTED;
  event.timerStartedEventAttributes = { timerId: '1', workflowTaskCompletedEventId };
}
