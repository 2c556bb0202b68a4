/**
 * Measures the cost of a clean migration from real histories and on the bus, with and without a repository. The
 * simulated MANO serves records of the size of the recorded ones.
 *
 * The figures do not depend on the machine, with one exception: the number of workflow tasks depends on how soon
 * replies follow each other.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import { MigrationClient } from '../src/client/migration-client.js';
import { loadConfig } from '../src/settings/config.js';
import { parseCorrelationId } from '../src/shared/correlation-id.js';
import { generateWorld, type WorldSpec } from '../src/simulator/index.js';
import { eventsBesideTasks } from '../test/support/history-cost.js';
import type { LongRun } from '../test/support/long-run.js';
import { mustBeClean } from './drive.js';
import { alone, type BenchContext, type Figure, type Unit } from './harness.js';
import type { Stage } from './stage.js';

const { EventType } = proto.temporal.api.enums.v1;
type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const ROUNDS = 3;
/** Long enough for the ack to cause a separate workflow task. */
const MOVE_MS = '1000';

/**
 * The events of a history that Temporal Cloud bills. Each attempt of an activity counts. Queries and heartbeats are
 * not in a history, and a clean migration has none.
 */
const ACTIONS: readonly (temporal.api.enums.v1.EventType | null | undefined)[] = [
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
  EventType.EVENT_TYPE_TIMER_STARTED,
  EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
  // One marker for all local activities of a workflow task. Our workflow has one local activity in total.
  EventType.EVENT_TYPE_MARKER_RECORDED,
];

interface Cost {
  events: number;
  eventsBesideTasks: number;
  historyBytes: number;
  replyBytes: number;
  resultBytes: number;
  actions: number;
  messages: number;
}

const UNITS: Record<keyof Cost, { what: string; unit: Unit }> = {
  events: { what: 'history events', unit: 'events' },
  eventsBesideTasks: { what: 'history events beside workflow tasks', unit: 'events' },
  historyBytes: { what: 'history', unit: 'bytes' },
  replyBytes: { what: "of it the MANO's replies", unit: 'bytes' },
  resultBytes: { what: 'of it the result', unit: 'bytes' },
  actions: { what: 'actions', unit: 'actions' },
  messages: { what: 'messages on the bus', unit: 'messages' },
};

export async function cost({ stage, rounds, report }: BenchContext): Promise<Figure[]> {
  const count = rounds(ROUNDS);
  const world = generateWorld({ services: 2 * count, seed: randomUUID() });
  const run = await stage.runBeside('cost');
  try {
    const { repositoryUrl } = await run.startMano(world, ['--migration-ms', MOVE_MS]);
    const variants = [
      { name: 'without a repository', env: {}, from: 0 },
      { name: 'with a repository', env: { REPOSITORY_URL: repositoryUrl }, from: count },
    ];
    const figures: Figure[] = [];
    for (const [index, { name, env, from }] of variants.entries()) {
      const room = await openRoom(run, { index, env });
      const costs: Cost[] = [];
      for (let nth = 0; nth < count; nth += 1) {
        costs.push(await costOf({ stage, world, nth: from + nth, ...room }));
        report(`a migration ${name}: ${JSON.stringify(costs.at(-1))}`);
      }
      for (const key of Object.keys(UNITS) as (keyof Cost)[]) {
        const { what, unit } = UNITS[key];
        figures.push(alone({ what: `${what}, ${name}`, unit, ours: costs.map((one) => one[key]) }));
      }
    }
    return figures;
  } finally {
    await run.stopProcesses();
  }
}

interface Room {
  taskQueue: string;
  exchange: string;
}

/** Opens a worker with its own deployment. */
async function openRoom(
  run: LongRun,
  { index, env }: { index: number; env: Record<string, string> },
): Promise<Room> {
  const id = `bench-cost-${randomUUID().slice(0, 8)}`;
  const names = { TEMPORAL_TASK_QUEUE: id, DEPLOYMENT: id };
  await run.startWorker(index, { ...run.environment(), REPOSITORY_URL: '', ...names, ...env });
  return { taskQueue: id, exchange: loadConfig(process.env).amqp.exchange };
}

async function costOf({
  stage,
  world,
  nth,
  taskQueue,
  exchange,
}: Room & { stage: Stage; world: WorldSpec; nth: number }): Promise<Cost> {
  const { client } = stage;
  const service = world.services[nth];
  const vimUuid = world.vims[1];
  const vnfUuid = service?.vnfs[0]?.vnfUuid;
  if (service === undefined || vnfUuid === undefined || vimUuid === undefined)
    throw new Error('no such service');
  const bus = await listen(stage, exchange);
  const { serviceInstanceUuid } = service;
  const migrations = new MigrationClient({ client, taskQueue });
  const { workflowId } = await migrations.start({ serviceInstanceUuid, vnfUuid, vimUuid });
  mustBeClean(await migrations.result(workflowId));
  return { ...(await historyCost(client, workflowId)), messages: await bus.close(workflowId) };
}

async function historyCost(client: Client, workflowId: string): Promise<Omit<Cost, 'messages'>> {
  const handle = client.workflow.getHandle(workflowId);
  const history: History = await handle.fetchHistory();
  const { historySize = 0 } = await handle.describe();
  const events = history.events ?? [];
  const bytes = (of: (event: HistoryEvent) => temporal.api.common.v1.IPayloads | null | undefined): number =>
    events
      .flatMap((event) => of(event)?.payloads ?? [])
      .reduce((sum, payload) => sum + (payload.data?.length ?? 0), 0);
  return {
    events: events.length,
    eventsBesideTasks: eventsBesideTasks(history).length,
    historyBytes: historySize,
    replyBytes: bytes((event) => event.workflowExecutionSignaledEventAttributes?.input),
    resultBytes: bytes((event) => event.workflowExecutionCompletedEventAttributes?.result),
    actions: events.reduce((sum, event) => sum + actionsOf(event), 0),
  };
}

function actionsOf({ eventType, activityTaskStartedEventAttributes: activity }: HistoryEvent): number {
  if (activity != null) return activity.attempt ?? 1;
  return ACTIONS.includes(eventType) ? 1 : 0;
}

/** Counts what is published on the exchange from now on. */
async function listen(
  { model }: Stage,
  exchange: string,
): Promise<{ close: (workflowId: string) => Promise<number> }> {
  const channel = await model.createChannel();
  const heard: string[] = [];
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, exchange, '#');
  await channel.consume(
    queue,
    (message) => {
      const { correlationId } = (message?.properties ?? {}) as { correlationId?: string };
      heard.push(parseCorrelationId(correlationId ?? '')?.workflowId ?? '');
    },
    { noAck: true },
  );
  const close = async (workflowId: string): Promise<number> => {
    await channel.close();
    return heard.filter((id) => id === workflowId).length;
  };
  return { close };
}
