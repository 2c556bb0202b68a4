/**
 * The recorded histories: one file for each scenario and version, in the JSON format of other Temporal tools.
 *
 * Invariants: the files name no machine and no folder. An existing file is not written again, because the replay
 * needs the old history.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { patchProtobufRoot } from '@temporalio/proto/lib/patch-protobuf-root.js';
import type { CampaignResult } from '../../src/shared/campaign/views.js';
import type { NotifyResult } from '../../src/workflows/notify/notify-receiver.js';
import type { MigrationResult, MigrationState } from '../../src/shared/migration/contract.js';

export type History = proto.temporal.api.history.v1.IHistory;
type Payloads = proto.temporal.api.common.v1.IPayloads | null | undefined;

export interface Recorded {
  scenario: string;
  /** Of the package, when it was recorded. */
  version: string;
  workflowId: string;
  history: History;
}

const FOLDER = fileURLToPath(new URL('histories/', import.meta.url));
const PACKAGE = new URL('../../package.json', import.meta.url);
const { version: VERSION } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };

/**
 * The SDK's own historyToJSON and historyFromJSON fail where npm gives each of its packages a copy of protobufjs:
 * the converter must be of the copy that the types are made with.
 */
const { fromJson, toJson } = createRequire(createRequire(import.meta.url).resolve('@temporalio/proto'))(
  'protobufjs/ext/protojson',
) as {
  fromJson: (type: object, json: unknown, options: { ignoreUnknownFields: boolean }) => History;
  toJson: (type: object, message: History) => unknown;
};
const HISTORY = (patchProtobufRoot(proto) as unknown as { lookupType: (name: string) => object }).lookupType(
  'temporal.api.history.v1.History',
);

/** Every history, by the name of its file. */
export function recordedHistories(): Map<string, Recorded> {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort();
  return new Map(files.map((file) => [file, read(file)]));
}

function read(file: string): Recorded {
  const [, scenario, version] = /^(.+)_([^_]+)\.json$/.exec(file) ?? [];
  if (scenario === undefined || version === undefined)
    throw new Error(`${file}: expected <scenario>_<version>.json`);
  const history = fromJson(HISTORY, JSON.parse(readFileSync(FOLDER + file, 'utf8')), {
    // Of a newer server.
    ignoreUnknownFields: true,
  });
  const workflowId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  return { scenario, version, workflowId: workflowId ?? scenario, history };
}

export function isRecorded(scenario: string): boolean {
  return existsSync(pathOf(scenario));
}

export async function writeHistory(scenario: string, history: History): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const json = toJson(HISTORY, proto.temporal.api.history.v1.History.fromObject(history));
  await writeFile(pathOf(scenario), `${JSON.stringify(scrubbed(json), null, 1)}\n`);
}

function pathOf(scenario: string): string {
  return `${FOLDER}${scenario}_${VERSION}.json`;
}

/** Without the machine: `identity` has its name, a sticky task queue too, and a stack trace its folders. */
function scrubbed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrubbed);
  if (typeof value !== 'object' || value === null) return value;
  const { kind } = value as { kind?: unknown };
  const entries = Object.entries(value).map(([key, part]): [string, unknown] => {
    if (key === 'identity') return [key, 'recorder'];
    if (key === 'stackTrace') return [key, ''];
    if (key === 'name' && kind === 'TASK_QUEUE_KIND_STICKY') return [key, 'sticky'];
    return [key, scrubbed(part)];
  });
  return Object.fromEntries(entries);
}

/** How a migration, a run of a campaign, limits or a receiver's notifications ended, by the history; null: it runs. */
export function endingOf({ events }: History): string | null {
  const last = events?.at(-1);
  const completed = last?.workflowExecutionCompletedEventAttributes;
  const failure = last?.workflowExecutionFailedEventAttributes?.failure;
  if (completed != null) {
    const result = firstOf(completed.result) as MigrationResult | CampaignResult | NotifyResult | null;
    if (result === null) return 'cleared';
    if ('delivered' in result) return `${result.delivered} delivered, ${result.lost} lost`;
    return 'outcome' in result ? `${result.outcome} (${result.evidence})` : result.state;
  }
  if (last?.workflowExecutionContinuedAsNewEventAttributes != null) return 'continued as new';
  if (failure != null) {
    const { type, nonRetryable } = failure.applicationFailureInfo ?? {};
    return `${type ?? 'a failure of no type'}${nonRetryable === true ? '' : ' (may be retried)'}`;
  }
  return last?.workflowExecutionCanceledEventAttributes == null ? null : 'cancelled';
}

/** The requests of a migration, as the result or the failure tells of them. */
export function attemptsOf({ events }: History): MigrationState['attempts'] {
  const last = events?.at(-1);
  const result = last?.workflowExecutionCompletedEventAttributes?.result;
  const details = last?.workflowExecutionFailedEventAttributes?.failure?.applicationFailureInfo?.details;
  const told = result ?? details;
  if (told == null) return [];
  const end = firstOf(told) as MigrationResult | MigrationState | CampaignResult | readonly string[] | null;
  return end !== null && 'attempts' in end ? end.attempts : [];
}

function firstOf(payloads: Payloads): unknown {
  const text = Buffer.from(payloads?.payloads?.[0]?.data ?? []).toString();
  return text === '' ? null : JSON.parse(text);
}
