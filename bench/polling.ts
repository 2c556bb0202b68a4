/**
 * Measures how late a caller learns the result: `MigrationClient.result`, which waits at the server, compared with
 * a client that polls once a second, as `sonmano` does.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { MigrationClient } from '../src/client/migration-client.js';
import { loadConfig } from '../src/settings/config.js';
import { wallClockMs } from './clock.js';
import { mustBeClean, newIds, times } from './drive.js';
import { compared, inRotation, median, type BenchContext, type Figure } from './harness.js';
import { Side, type Stage } from './stage.js';

const POLL_EVERY_MS = 1_000;
/** The range of times from the ack to READY. They vary, so that READY does not fall into step with the polls. */
const SHORTEST_MOVE_MS = 2_000;
const LONGEST_MOVE_MS = 4_000;
const MOST_AT_ONCE = 20;
const ROUNDS = 5;

interface Counted {
  migrations: MigrationClient;
  client: Client;
  calls: () => number;
  close: () => Promise<void>;
}

/** Resolves when the caller knows the result. */
type Wait = (counted: Counted, workflowId: string) => Promise<void>;

export async function polling({ stage, atOnce, rounds, report }: BenchContext): Promise<Figure[]> {
  const side = await Side.open(stage, { name: 'ours' });
  side.mano.readyAfterMs = () => SHORTEST_MOVE_MS + Math.random() * (LONGEST_MOVE_MS - SHORTEST_MOVE_MS);
  const counted = await countingClient(stage, side.taskQueue);
  const calls = { ours: [] as number[], polling: [] as number[] };
  const round = async (name: keyof typeof calls, wait: Wait): Promise<number> => {
    const count = Math.min(MOST_AT_ONCE, atOnce);
    const before = counted.calls();
    const lateMs = await times(count, () => latenessOf(side, { counted, wait }));
    // Starting one is a call too, and is preceded by one query.
    calls[name].push((counted.calls() - before) / count);
    return median(lateMs);
  };
  try {
    const what = 'READY on the bus to the caller knowing';
    const subjects = { ours: () => round('ours', waited), polling: () => round('polling', polled) };
    const lateMs = await inRotation({ what, rounds: rounds(ROUNDS), subjects, report });
    const name = 'polling';
    return [
      compared({ what, unit: 'ms', ours: lateMs.ours, reference: { name, values: lateMs.polling } }),
      compared({
        what: 'calls a migration, start included',
        unit: 'calls',
        ours: calls.ours.slice(1),
        reference: { name, values: calls.polling.slice(1) },
      }),
    ];
  } finally {
    await counted.close();
    await side.close();
  }
}

async function latenessOf(side: Side, { counted, wait }: { counted: Counted; wait: Wait }): Promise<number> {
  const { workflowId } = await counted.migrations.start(newIds());
  await wait(counted, workflowId);
  const knownAtMs = wallClockMs();
  return knownAtMs - (side.mano.readyAtMs.get(workflowId) ?? NaN);
}

const waited: Wait = async ({ migrations }, workflowId) => {
  mustBeClean(await migrations.result(workflowId));
};

const polled: Wait = async ({ client, migrations }, workflowId) => {
  const handle = client.workflow.getHandle(workflowId);
  for (;;) {
    await delay(POLL_EVERY_MS);
    if ((await handle.describe()).status.name !== 'RUNNING') break;
  }
  mustBeClean(await migrations.result(workflowId));
};

async function countingClient(stage: Stage, taskQueue: string): Promise<Counted> {
  let calls = 0;
  const counting: Interceptor = (options, nextCall) => {
    calls += 1;
    return new InterceptingCall(nextCall(options));
  };
  const { temporal } = loadConfig(stage.run.environment());
  const connection = await Connection.connect({
    ...temporal.connectionOptions,
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), counting],
  });
  const client = new Client({ connection, namespace: temporal.namespace });
  return {
    migrations: new MigrationClient({ client, taskQueue }),
    client,
    calls: () => calls,
    close: () => connection.close(),
  };
}
