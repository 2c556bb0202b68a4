/**
 * Replays recorded histories, none of which has traces, with traces: they may be switched on under running migrations. No
 * command differs, and no correlation id does, which a replay alone would not notice.
 */
import { fileURLToPath } from 'node:url';
import { defaultPayloadConverter } from '@temporalio/common';
import {
  bundleWorkflowCode,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type InjectedSinks,
} from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/observability/logger.js';
import { runtimeLogger } from '../../src/observability/runtime-logger.js';
import { recordedHistories, type History } from './histories.js';
import type { RequestSinks } from './tells-requests.js';

const RECORDED = recordedHistories();
const logger = runtimeLogger(createLogger({ level: 'silent' }));

interface Replayed {
  error: Error | undefined;
  correlationIds: string[];
}

let results: Map<string, Replayed>;

beforeAll(async () => {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger, shutdownSignals: [], telemetryOptions: { logging: { filter, forward: {} } } });
  results = await replayWithTraces();
}, 120_000);

function source(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

async function replayWithTraces(): Promise<Map<string, Replayed>> {
  const workflowsPath = source('../../src/workflows/index.ts');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    preloadModules: [workflowsPath],
    workflowInterceptorModules: [
      source('../../src/workflows/tracing/interceptors.ts'),
      source('./tells-requests.ts'),
    ],
    logger,
  });
  let made: string[] = [];
  const sinks: InjectedSinks<RequestSinks> = {
    requests: {
      made: { fn: (...[, correlationId]) => void made.push(correlationId), callDuringReplay: true },
    },
  };
  const names = [...RECORDED.keys()];
  const told = new Map<string, Replayed>();
  const replays = Worker.runReplayHistories({ workflowBundle: { code }, sinks }, RECORDED.values());
  for await (const { error } of replays) {
    told.set(names[told.size] ?? '', { error, correlationIds: made });
    made = [];
  }
  return told;
}

/** Of the activities of a history, in their order. */
function correlationIdsIn({ events }: History): string[] {
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
    const payload = scheduled?.input?.payloads?.[0];
    if (payload == null) return [];
    const { correlationId } = defaultPayloadConverter.fromPayload<{ correlationId?: string }>(payload);
    return correlationId === undefined ? [] : [correlationId];
  });
}

describe('a worker with traces goes on with what one without them began', () => {
  it.each([...RECORDED])('%s', (file, { history }) => {
    const { error, correlationIds } = results.get(file)!;
    if (error !== undefined) throw new Error(error.message, { cause: error });
    expect(correlationIds).toEqual(correlationIdsIn(history));
  });

  it('with requests in some of them', () => {
    expect(
      [...results.values()].filter(({ correlationIds }) => correlationIds.length > 0).length,
    ).toBeGreaterThan(20);
  });
});
