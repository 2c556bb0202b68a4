/** The checks, in their order. Each resolves with what is wrong: nothing, if all is well. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MigrationIds } from '../../src/mano/request.js';
import { migrationWorkflowId } from '../../src/shared/names.js';
import { callFromWorkflow } from './caller.js';
import type { ReceivedSpan } from './collector.js';
import { MIGRATION_BY_GATEKEEPER, migrationOnBus, REPOSITORY_READS } from './expected.js';
import { CANARY, type TracesStage } from './stage.js';
import { Trace, type Wanted } from './trace.js';

export interface Check {
  what: string;
  run: (stage: TracesStage) => Promise<string[]>;
}

const BY_CLIENT = 'StartWorkflow:migrateVnf';
const APART = {
  DEPLOYMENT: 'apart',
  TEMPORAL_TASK_QUEUE: 'apart',
  GATEKEEPER_CALLBACK_URL: '',
  GATEKEEPER_CALLBACK_ADDRESS: '',
};

export const CHECKS: Check[] = [
  {
    what: 'a migration by the command line is one trace, from the start to the signal of READY',
    run: async (stage) => {
      await stage.startProcess('worker', { args: ['worker'] });
      const ids = stage.take();
      const { code, stderr } = await stage.migrate(ids, { env: { OTEL_SERVICE_NAME: 'command' } });
      if (code !== 0) return [`migrate ended with ${String(code)}: ${stderr}`];
      const wanted: Wanted[] = [
        { name: BY_CLIENT, kind: 'internal', below: null, count: 1 },
        ...migrationOnBus({ exchange: stage.exchange, starter: BY_CLIENT }),
        ...REPOSITORY_READS,
      ];
      const found = await lackedBy(stage, { ids, wanted });
      const services = new Set((await traceOf(stage, ids)).spans.map(({ service }) => service));
      const isBoth = services.has('command') && services.has('vnf-migrator');
      return [...found, ...(isBoth ? [] : [`services: ${[...services].join(', ')}`])];
    },
  },
  {
    what: 'a listener of its own finds the trace of a reply; by gRPC',
    run: async (stage) => {
      const env = { ...APART, ...stage.collector.settings('grpc') };
      await stage.startProcess('worker-apart', { args: ['worker', '--no-listener'], env });
      await stage.startProcess('listener-apart', { args: ['listener'], env });
      const ids = stage.take();
      const { code, stderr } = await stage.migrate(ids, { env });
      if (code !== 0) return [`migrate ended with ${String(code)}: ${stderr}`];
      return await lackedBy(stage, {
        ids,
        wanted: migrationOnBus({ exchange: stage.exchange, starter: BY_CLIENT }),
      });
    },
  },
  {
    what: 'a caller without traces: the trace begins with the workflow, and is named by its run; as JSON',
    run: async (stage) => {
      const ids = stage.take();
      const { code, stderr } = await stage.migrate(ids, { env: { OTEL_SDK_DISABLED: 'true' } });
      if (code !== 0) return [`migrate ended with ${String(code)}: ${stderr}`];
      const wanted = migrationOnBus({ exchange: stage.exchange, starter: null });
      const found = await lackedBy(stage, { ids, wanted });
      const run = (await traceOf(stage, ids)).spans.find(({ name }) => name === 'RunWorkflow:migrateVnf');
      const isNamed = String(run?.attributes['run_id']).replaceAll('-', '') === run?.traceId;
      return [...found, ...(isNamed ? [] : ['the id of the trace is not that of the run'])];
    },
  },
  {
    what: "a workflow of a caller with Temporal's interceptors: the migration is in its trace",
    run: async (stage) => {
      const ids = stage.take();
      const { told, traceId } = await callFromWorkflow(ids, {
        address: stage.run.stack.temporalAddress,
        endpoint: stage.collector.settings()['OTEL_EXPORTER_OTLP_ENDPOINT']!,
        taskQueue: 'vnf-migration',
      });
      if (!told.startsWith('migrated ')) return [`the caller was told: ${told}`];
      const wanted: Wanted[] = [
        { name: 'caller begins', kind: 'internal', below: null, count: 1 },
        { name: 'RunWorkflow:moveAndTell', kind: 'internal', below: 'StartWorkflow:moveAndTell', count: 1 },
        ...migrationOnBus({ exchange: stage.exchange, starter: 'StartChildWorkflow:migrateVnf' }),
      ];
      const found = await lackedBy(stage, { ids, wanted });
      const isIts = (await traceOf(stage, ids)).spans[0]?.traceId === traceId;
      return [...found, ...(isIts ? [] : ['the trace is not that of the caller'])];
    },
  },
  {
    what: 'a campaign of two items with a receiver is one trace',
    run: async (stage) => {
      const items = [stage.take(), stage.take()];
      const file = await stage.run.write('items.json', items);
      const command = ['campaign', 'start', '--items', file, '--name', 'traced', '--notify', 'ops', '--json'];
      const { code, stderr } = await stage.command(command);
      if (code !== 0) return [`campaign start ended with ${String(code)}: ${stderr}`];
      const starter = 'StartChildWorkflow:migrateVnf';
      const perItem = migrationOnBus({ exchange: stage.exchange, starter });
      const wanted: Wanted[] = [
        { name: 'RunWorkflow:migrationCampaign', kind: 'internal', below: 'StartWorkflow:', count: 1 },
        ...perItem.map((each) => ({ ...each, count: 2 * (each.count ?? 1) })),
        {
          ...{ name: 'POST receiver', kind: 'client' as const, below: 'RunActivity:deliverNotifications' },
          attributes: { 'http.response.status_code': 204, 'server.address': '127.0.0.1' },
        },
      ];
      return await lackedBy(stage, { ids: items[0]!, wanted });
    },
  },
  {
    what: 'a migration by the Gatekeeper: the request and its callback are in the trace',
    run: async (stage) => {
      const ids = stage.take();
      const { code, stderr } = await stage.migrate(ids, { args: ['--policy', 'transport=gatekeeper'] });
      if (code !== 0) return [`migrate ended with ${String(code)}: ${stderr}`];
      const signals: Wanted = {
        name: 'HandleSignal:manoReply',
        kind: 'internal',
        below: 'POST /{correlationId}',
      };
      return await lackedBy(stage, { ids, wanted: [...MIGRATION_BY_GATEKEEPER, signals] });
    },
  },
  {
    what: "the console goes on with the trace of its caller's request",
    run: async (stage) => {
      const { caller, process } = await stage.startConsole();
      const ids = stage.take();
      const traceId = 'a'.repeat(32);
      const traceparent = `00-${traceId}-${'b'.repeat(16)}-01`;
      const answer = await caller.ask('POST', 'migrations', { body: ids, headers: { traceparent } });
      if (!answer.ok) return [`the console answered ${String(answer.status)}: ${await answer.text()}`];
      const post = 'POST /api/v1/migrations';
      const wanted: Wanted[] = [
        { name: BY_CLIENT, kind: 'internal', below: post, count: 1 },
        ...migrationOnBus({ exchange: stage.exchange, starter: BY_CLIENT }),
      ];
      const found = await lackedBy(stage, { ids, wanted });
      await process.stop();
      const [first] = (await stage.collector.spans()).filter(({ name }) => name === post);
      const isItsChild =
        first?.traceId === traceId && first.parentSpanId === 'b'.repeat(16) && first.kind === 2;
      return [...found, ...(isItsChild ? [] : [`${post} is not below the span of its caller`])];
    },
  },
  { what: 'log lines carry trace and span', run: logsCarryIds },
  { what: 'no span has a password, a key, a query or an address of a receiver', run: hasNoSecrets },
  { what: 'all that is of one migration is in one trace', run: isOneTraceEach },
  { what: 'without settings of traces nothing of OpenTelemetry is loaded', run: loadsNothing },
  { what: 'a collector that is killed holds nobody up, and is told once', run: survivesTheCollector },
];

function runOf(spans: readonly ReceivedSpan[], { vnfUuid }: MigrationIds): ReceivedSpan | undefined {
  const workflowId = migrationWorkflowId(vnfUuid);
  return spans.find(
    ({ name, attributes }) =>
      name === 'RunWorkflow:migrateVnf' && attributes['temporalWorkflowId'] === workflowId,
  );
}

async function traceOf(stage: TracesStage, ids: MigrationIds): Promise<Trace> {
  const spans = await stage.collector.spans();
  return Trace.of(spans, runOf(spans, ids)?.traceId ?? '');
}

async function lackedBy(
  stage: TracesStage,
  { ids, wanted }: { ids: MigrationIds; wanted: readonly Wanted[] },
): Promise<string[]> {
  return await stage.untilComplete((spans) => {
    const run = runOf(spans, ids);
    return run === undefined
      ? ['the run of the workflow has no span']
      : Trace.of(spans, run.traceId).lacks(wanted);
  });
}

async function logsCarryIds(stage: TracesStage): Promise<string[]> {
  const traces = new Set((await stage.collector.spans()).map(({ traceId }) => traceId));
  const lines = (await stage.log('worker')).split('\n').filter((line) => line.startsWith('{'));
  const entries = lines.map(
    (line) => JSON.parse(line) as { msg: string; trace_id?: string; span_id?: string },
  );
  // Of the listener, of an activity, and of a workflow.
  return ['signalled', 'published', 'the MANO reported READY'].flatMap((text) => {
    const named = entries.filter(({ msg }) => msg === text);
    const withIds = named.filter(
      ({ trace_id = '', span_id }) => traces.has(trace_id) && span_id !== undefined,
    );
    if (named.length === 0) return [`there is no log line "${text}"`];
    return named.length === withIds.length
      ? []
      : [`${named.length - withIds.length} lines "${text}" have no trace`];
  });
}

async function hasNoSecrets(stage: TracesStage): Promise<string[]> {
  const sent = await stage.collector.text();
  const password = new URL(stage.run.stack.amqpUrl).password;
  const secrets = { CANARY, password, signature: stage.receiver.secret, amqp: 'amqp://', query: '?' };
  return Object.entries(secrets).flatMap(([what, text]) =>
    sent.includes(text) ? [`${what} is in a span`] : [],
  );
}

async function isOneTraceEach(stage: TracesStage): Promise<string[]> {
  const traces = new Map<string, Set<string>>();
  for (const { attributes, traceId } of await stage.collector.spans()) {
    const { temporalWorkflowId: id } = attributes;
    if (typeof id !== 'string' || !id.startsWith('vnf-migration/')) continue;
    traces.set(id, (traces.get(id) ?? new Set()).add(traceId));
  }
  return [...traces].flatMap(([id, ids]) => (ids.size === 1 ? [] : [`${id} is in ${ids.size} traces`]));
}

async function loadsNothing(stage: TracesStage): Promise<string[]> {
  const without = await loadedBy(stage, 'none');
  // Otherwise the hook would find nothing anywhere.
  const withTraces = await loadedBy(stage, 'otlp');
  return [
    ...without.map((line) => `loaded without traces: ${line}`),
    ...(withTraces.length === 2 ? [] : ['with traces nothing is loaded either']),
  ];
}

/** What a worker and a command load, a line each. */
async function loadedBy(stage: TracesStage, exporter: 'none' | 'otlp'): Promise<string[]> {
  const told = join(stage.run.directory, `loaded-modules-${exporter}`);
  const env = {
    ...APART,
    ...{ DEPLOYMENT: 'quiet', TEMPORAL_TASK_QUEUE: 'quiet', OTEL_TRACES_EXPORTER: exporter },
    ...{ LOADED_MODULES_FILE: told, NODE_OPTIONS: `--import=${LOADED_MODULES}` },
  };
  const name = `worker-${exporter}`;
  const worker = await stage.startProcess(name, { args: ['worker'], env });
  await stage.untilLogged(name, 'started the worker');
  await worker.stop();
  await stage.command(['list'], env);
  const lines = (await readFile(told, 'utf8')).split('\n').filter((line) => line !== '');
  if (lines.length < 2) throw new Error(`${told} has ${String(lines.length)} lines`);
  return lines.filter((line) => !line.startsWith('0 '));
}

async function survivesTheCollector(stage: TracesStage): Promise<string[]> {
  const ids = stage.take();
  const migrating = stage.migrate(ids);
  await stage.collector.kill();
  const first = await migrating;
  const startedAtMs = Date.now();
  const second = await stage.migrate(stage.take());
  const tookMs = Date.now() - startedAtMs;
  await stage.untilLogged('worker', TROUBLE);
  await stage.collector.startAgain();
  const third = stage.take();
  const { code } = await stage.migrate(third);
  const found = await lackedBy(stage, {
    ids: third,
    wanted: migrationOnBus({ exchange: stage.exchange, starter: BY_CLIENT }),
  });
  const told = (await stage.log('worker')).split(TROUBLE).length - 1;
  return [
    ...[first.code, second.code, code].flatMap((each, nth) =>
      each === 0 ? [] : [`migration ${nth}: ${String(each)}`],
    ),
    ...found.map((each) => `after the collector is back: ${each}`),
    ...(tookMs < ENDS_WITHIN_MS ? [] : [`a command without a collector took ${tookMs} ms`]),
    ...(told === 1 ? [] : [`the worker told it ${told} times`]),
  ];
}

const TROUBLE = 'cannot export traces';
/** With the migration itself, and the two seconds for what is left. */
const ENDS_WITHIN_MS = 20_000;
const LOADED_MODULES = new URL('./loaded-modules.mjs', import.meta.url).href;
