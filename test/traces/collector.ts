/**
 * A real OpenTelemetry Collector: built from its Go modules, started, killed, and the spans that it has got.
 *
 * Invariant: what it has got is in a file, which a collector that is started again goes on with.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePorts, isListening, LOOPBACK } from '../../src/dev/processes/ports.js';
import { Supervisor, type SupervisedProcess } from '../../src/dev/processes/supervisor.js';

const execute = promisify(execFile);

const SOURCES = fileURLToPath(new URL('./collector/', import.meta.url));
const BUILT_WITHIN_MS = 15 * 60_000;
const LISTENS_WITHIN_MS = 30_000;
const STOPS_WITHIN_MS = 10_000;

/** The command. A build of other sources is another command. */
export async function installCollector(report: (line: string) => void): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(await readFile(join(SOURCES, name)));
  const command = resolve(`.vnf-migrator/traces/collector-${hash.digest('hex').slice(0, 12)}`);
  const isThere = await access(command).then(
    () => true,
    () => false,
  );
  if (isThere) return command;
  if (process.env['VNF_MIGRATOR_NO_INSTALL'] === '1')
    throw new Error('there is no collector, and installing is forbidden here (VNF_MIGRATOR_NO_INSTALL)');
  report('OpenTelemetry Collector 0.165.0: building it with go, which takes minutes');
  await execute('go', ['build', '-mod=readonly', '-o', command, '.'], {
    cwd: SOURCES,
    timeout: BUILT_WITHIN_MS,
  });
  return command;
}

export type AttributeValue = string | number | boolean;

/** A span as the collector got it. */
export interface ReceivedSpan {
  service: string;
  name: string;
  /** Of OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  traceId: string;
  spanId: string;
  /** Empty: it begins its trace. */
  parentSpanId: string;
  attributes: Record<string, AttributeValue>;
  /** Of OTLP: 2 is an error. */
  status: number;
  endTimeMs: number;
}

export class Collector {
  private process: SupervisedProcess | null = null;

  private constructor(
    private readonly supervisor: Supervisor,
    private readonly options: { command: string; directory: string; httpPort: number; grpcPort: number },
  ) {}

  static async start(command: string, directory: string): Promise<Collector> {
    await mkdir(directory, { recursive: true });
    const [httpPort = 0, grpcPort = 0] = await freePorts(2);
    const supervisor = await Supervisor.start(join(directory, 'processes'));
    const collector = new Collector(supervisor, { command, directory, httpPort, grpcPort });
    try {
      await collector.startAgain();
      return collector;
    } catch (error) {
      await supervisor.close();
      throw error;
    }
  }

  /** The settings with which a process sends its traces here. */
  settings(protocol: 'grpc' | 'http/protobuf' | 'http/json' = 'http/protobuf'): Record<string, string> {
    const { httpPort, grpcPort } = this.options;
    return {
      OTEL_SDK_DISABLED: '',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${LOOPBACK}:${String(protocol === 'grpc' ? grpcPort : httpPort)}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      // Sooner than by default: checks wait for it.
      OTEL_BSP_SCHEDULE_DELAY: '500',
    };
  }

  async startAgain(): Promise<void> {
    const { command, directory, httpPort, grpcPort } = this.options;
    const config = join(directory, 'collector.json');
    await writeFile(config, JSON.stringify(configOf({ directory, httpPort, grpcPort })));
    this.process = await this.supervisor.spawn({
      command,
      args: ['--config', `file:${config}`],
      env: { ...process.env },
      logFile: join(directory, 'collector.log'),
      stopTimeoutMs: STOPS_WITHIN_MS,
    });
    const limit = AbortSignal.timeout(LISTENS_WITHIN_MS);
    while (!((await isListening(httpPort)) && (await isListening(grpcPort)))) {
      if (limit.aborted)
        throw new Error(`the collector does not listen: ${join(directory, 'collector.log')}`);
      await delay(50);
    }
  }

  async kill(): Promise<void> {
    await this.process?.kill();
  }

  /** All that it has got so far. */
  async spans(): Promise<ReceivedSpan[]> {
    return (await this.lines()).flatMap((line) => spansIn(JSON.parse(line) as Batch));
  }

  /** The same as text, as it was sent. */
  async text(): Promise<string> {
    return (await this.lines()).join('\n');
  }

  async stop(): Promise<void> {
    await this.supervisor.close();
  }

  private async lines(): Promise<string[]> {
    const text = await readFile(join(this.options.directory, 'traces.jsonl'), 'utf8').catch(() => '');
    // Of a line that is being written, and of one that a kill has cut off.
    return text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  }
}

function configOf({
  directory,
  httpPort,
  grpcPort,
}: {
  directory: string;
  httpPort: number;
  grpcPort: number;
}) {
  return {
    receivers: {
      otlp: {
        protocols: {
          http: { endpoint: `${LOOPBACK}:${String(httpPort)}` },
          grpc: { endpoint: `${LOOPBACK}:${String(grpcPort)}` },
        },
      },
    },
    processors: { batch: { timeout: '100ms' } },
    exporters: { file: { path: join(directory, 'traces.jsonl') } },
    service: {
      pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['file'] } },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
    },
  };
}

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: string; doubleValue?: number; boolValue?: boolean };
}

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  endTimeUnixNano: string;
  attributes?: Attribute[];
  status?: { code?: number };
}

interface Batch {
  resourceSpans: {
    resource: { attributes?: Attribute[] };
    scopeSpans: { spans?: SentSpan[] }[];
  }[];
}

function spansIn({ resourceSpans }: Batch): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => received(service, span)));
  });
}

function received(service: string, span: SentSpan): ReceivedSpan {
  const { traceId, spanId, parentSpanId = '', name, kind, endTimeUnixNano, attributes, status } = span;
  return {
    ...{ service, name, kind, traceId, spanId, parentSpanId },
    attributes: attributesOf(attributes),
    status: status?.code ?? 0,
    endTimeMs: Number(BigInt(endTimeUnixNano) / 1_000_000n),
  };
}

function attributesOf(attributes: Attribute[] = []): Record<string, AttributeValue> {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue ?? '') : Number(intValue)),
    ]),
  );
}
