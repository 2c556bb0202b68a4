/**
 * The settings: environment → one frozen, validated Config.
 *
 * Invariants: nothing else reads `process.env`; every problem is reported at once, each with the setting's
 * name and what would be right; no value that may hold a secret is ever repeated in a problem.
 */
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { accessProblems, brokerFiles, type BrokerAccess } from './broker-tls-and-credentials.js';
import { brokerUrls } from './broker-urls.js';
import { readPayloadKeys } from '../codec/keys-file.js';
import { NO_KEYS, type PayloadKeys } from '../codec/payload-keys.js';
import { NO_RECEIVERS, type Receivers } from '../notify/receiver.js';
import { readReceivers } from '../notify/receivers-file.js';
import { LOG_LEVELS, type LogLevel } from '../observability/logger.js';
import { SLM_APP_ID } from '../mano/topics.js';
import { TASK_QUEUE } from '../shared/names.js';
import { consoleEnvironment, consoleFrom, consoleProblems, type ConsoleSettings } from './console.js';
import { listenAddress, listenAddressSchema, type ListenAddress } from './listen-address.js';
import { loadTemporal } from './temporal.js';
import { traceEnvironment, tracesFrom } from './traces.js';
import type { TraceSettings } from '../tracing/settings.js';

export type { ListenAddress };

export interface Config {
  readonly temporal: {
    /** Address, TLS and credentials, as `@temporalio/envconfig` reads them. */
    readonly connectionOptions: ClientConnectConfig['connectionOptions'];
    readonly address: string;
    readonly namespace: string;
    readonly taskQueue: string;
    /** Which build this worker is, for Temporal's worker versioning; null: its workers are not versioned. */
    readonly workerVersion: WorkerVersion | null;
  };
  /** Tells the deployments on one bus apart; by default the namespace. */
  readonly deployment: string;
  readonly amqp: BrokerSettings;
  /** The `app_id`s whose replies are believed; null: anybody's. */
  readonly manoAppIds: readonly string[] | null;
  /** False only where a Gatekeeper is named and no broker is: then nothing looks for one. */
  readonly hasBus: boolean;
  /** Null where none is configured. */
  readonly gatekeeper: GatekeeperSettings | null;
  /** The MANO's repository; null where none is configured. */
  readonly repositoryUrl: string | null;
  /** Where health and metrics are served; null: nowhere. */
  readonly http: ListenAddress | null;
  readonly console: ConsoleSettings;
  readonly logLevel: LogLevel;
  readonly payloads: PayloadSettings;
  readonly notify: NotifySettings;
  /** Null: no traces, and nothing of OpenTelemetry is loaded. */
  readonly traces: TraceSettings | null;
}

export interface NotifySettings {
  /** Null: nobody can be told. */
  readonly file: string | null;
  readonly receivers: Receivers;
}

export interface PayloadSettings {
  /** Null: nothing is encrypted, and nothing encrypted can be read. */
  readonly keysFile: string | null;
  readonly keys: PayloadKeys;
}

export interface WorkerVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

export interface GatekeeperSettings {
  /** With credentials: never to be shown. */
  readonly url: string;
  /** Where the Gatekeeper posts changes, and where the listener serves them; null: it is only polled. */
  readonly callback: { readonly url: string; readonly address: ListenAddress } | null;
}

export interface BrokerSettings extends BrokerAccess {
  readonly exchange: string;
  readonly appId: string;
}

/** Settings are wrong; `problems` names each of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(`The settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

const DEFAULT_AMQP_URL = 'amqp://guest:guest@127.0.0.1:5672';
const DEFAULT_TEMPORAL_ADDRESS = '127.0.0.1:7233';
/** It is part of every correlation id, percent-encoded; an id has 255 bytes in all. */
const MAX_DEPLOYMENT_BYTES = 64;

/**
 * Temporal keeps both names in one column of 255 characters, in its database of workflows; "." and ":" part them there.
 */
const DEPLOYMENT_NAME = /^(?!__)[\w/-]{1,120}$/;
const BUILD_ID = /^(?!__)[\w./:+@-]{1,120}$/;

const NOBODY: NotifySettings = Object.freeze({ file: null, receivers: NO_RECEIVERS });
const NO_PAYLOAD_KEYS: PayloadSettings = Object.freeze({ keysFile: null, keys: NO_KEYS });

function urlSchema(schemes: readonly string[], example: string) {
  return z.string().refine((value) => isUrl(value, schemes), {
    error: `expected a URL such as ${example}, without a query`,
  });
}

const environmentSchema = z.object({
  TEMPORAL_TASK_QUEUE: z.string().min(1).max(200).default(TASK_QUEUE),
  // Named as Temporal's own controller for Kubernetes gives them to its workers.
  TEMPORAL_DEPLOYMENT_NAME: z
    .string()
    .regex(DEPLOYMENT_NAME, {
      error:
        'expected a name such as vnf-migrator: at most 120 letters, digits, "-", "_" or "/", not "__" first',
    })
    .optional(),
  TEMPORAL_WORKER_BUILD_ID: z
    .string()
    .regex(BUILD_ID, {
      error: 'expected a version such as 1.4.0: at most 120 letters, digits or "-_./:+@", not "__" first',
    })
    .optional(),
  DEPLOYMENT: z
    .string()
    .refine(isShortEnough, {
      error: `expected at most ${String(MAX_DEPLOYMENT_BYTES)} bytes, percent-encoded`,
    })
    .optional(),
  AMQP_URL: z
    .string()
    .transform(brokerUrls)
    .refine((urls) => urls.every(isNodeUrl), {
      error:
        'expected a URL such as amqp://user:password@host:5672/vhost, without a query, ' +
        'or one for each node of a cluster, separated by commas',
    })
    .optional(),
  AMQP_PASSWORD_FILE: z.string().optional(),
  AMQP_TLS_CA_FILE: z.string().optional(),
  AMQP_TLS_CERT_FILE: z.string().optional(),
  AMQP_TLS_KEY_FILE: z.string().optional(),
  AMQP_EXCHANGE: z.string().min(1).max(127).default('son-kernel'),
  AMQP_APP_ID: z
    .string()
    .min(1)
    .max(127)
    .refine((value) => value !== SLM_APP_ID, {
      error: `must not be ${SLM_APP_ID}: the MANO ignores messages that carry its own name`,
    })
    .default('vnf-migrator'),
  AMQP_MANO_APP_IDS: z
    .string()
    .transform((value) => value.split(',').map((name) => name.trim()))
    .refine((names) => !names.includes(''), {
      error: `expected names such as ${SLM_APP_ID}, separated by commas`,
    })
    .optional(),
  REPOSITORY_URL: urlSchema(['http:', 'https:'], 'http://tng-rep:4012').optional(),
  GATEKEEPER_URL: urlSchema(['http:', 'https:'], 'http://tng-gtk-sp:5000').optional(),
  GATEKEEPER_CALLBACK_URL: urlSchema(['http:', 'https:'], 'http://vnf-migrator:9465').optional(),
  GATEKEEPER_CALLBACK_ADDRESS: listenAddressSchema.optional(),
  HTTP_ADDRESS: listenAddressSchema.optional(),
  ...consoleEnvironment,
  ...traceEnvironment,
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  PAYLOAD_KEYS_FILE: z
    .string()
    .transform((keysFile, context): PayloadSettings => {
      const parsed = readPayloadKeys(keysFile);
      if (parsed.kind === 'keys') return Object.freeze({ keysFile, keys: parsed.keys });
      for (const message of parsed.problems) context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .default(NO_PAYLOAD_KEYS),
  NOTIFY_FILE: z
    .string()
    .transform((file, context): NotifySettings => {
      const parsed = readReceivers(file);
      if (parsed.kind === 'receivers') return Object.freeze({ file, receivers: parsed.receivers });
      for (const message of parsed.problems) context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .default(NOBODY),
});

/** Every setting of ours, by its name in the environment. Temporal's own are what `@temporalio/envconfig` reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(environmentSchema.shape);

/**
 * Reads the settings.
 * @throws ConfigError with every problem
 */
export function loadConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
  );
  const settings = environmentSchema.safeParse(given);
  const temporal = loadTemporal(given);
  const problems = [
    ...(settings.success
      ? []
      : settings.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)),
    ...brokerProblems(given),
    ...callbackProblems(given),
    ...consoleProblems(given),
    ...versionProblems(given),
    ...('problems' in temporal ? temporal.problems : namespaceProblems(temporal, given)),
  ];
  if (problems.length > 0 || !settings.success || 'problems' in temporal) throw new ConfigError(problems);
  return configFrom(settings.data, temporal);
}

function configFrom(settings: z.output<typeof environmentSchema>, temporal: ClientConnectConfig): Config {
  const namespace = namespaceOf(temporal);
  const address = temporal.connectionOptions.address ?? DEFAULT_TEMPORAL_ADDRESS;
  return Object.freeze({
    temporal: Object.freeze({
      connectionOptions: Object.freeze({ ...temporal.connectionOptions, address }),
      address,
      namespace,
      taskQueue: settings.TEMPORAL_TASK_QUEUE,
      workerVersion: workerVersionFrom(settings),
    }),
    deployment: settings.DEPLOYMENT ?? namespace,
    hasBus: settings.AMQP_URL !== undefined || settings.GATEKEEPER_URL === undefined,
    gatekeeper: gatekeeperFrom(settings),
    amqp: Object.freeze({
      urls: Object.freeze(settings.AMQP_URL ?? brokerUrls(DEFAULT_AMQP_URL)),
      files: brokerFiles(settings),
      exchange: settings.AMQP_EXCHANGE,
      appId: settings.AMQP_APP_ID,
    }),
    manoAppIds: settings.AMQP_MANO_APP_IDS ?? null,
    repositoryUrl: settings.REPOSITORY_URL ?? null,
    http: settings.HTTP_ADDRESS === undefined ? null : listenAddress(settings.HTTP_ADDRESS),
    console: consoleFrom(settings),
    logLevel: settings.LOG_LEVEL,
    payloads: settings.PAYLOAD_KEYS_FILE,
    notify: settings.NOTIFY_FILE,
    traces: tracesFrom(settings),
  });
}

/** Also where its address is wrong: every problem is reported. */
function brokerProblems(given: Record<string, string | undefined>): string[] {
  const files = brokerFiles(given);
  const { AMQP_URL, GATEKEEPER_URL } = given;
  if (AMQP_URL !== undefined) return accessProblems({ urls: brokerUrls(AMQP_URL), files });
  // With a Gatekeeper alone, nothing looks for a broker.
  if (files === undefined || GATEKEEPER_URL !== undefined) return [];
  return ['AMQP_URL: needed where files name what it is got into with (AMQP_PASSWORD_FILE, AMQP_TLS_…)'];
}

function workerVersionFrom(settings: z.output<typeof environmentSchema>): WorkerVersion | null {
  const { TEMPORAL_DEPLOYMENT_NAME: deploymentName, TEMPORAL_WORKER_BUILD_ID: buildId } = settings;
  if (deploymentName === undefined || buildId === undefined) return null;
  return Object.freeze({ deploymentName, buildId });
}

function gatekeeperFrom(settings: z.output<typeof environmentSchema>): GatekeeperSettings | null {
  const { GATEKEEPER_URL, GATEKEEPER_CALLBACK_URL, GATEKEEPER_CALLBACK_ADDRESS } = settings;
  if (GATEKEEPER_URL === undefined) return null;
  const callback =
    GATEKEEPER_CALLBACK_URL === undefined || GATEKEEPER_CALLBACK_ADDRESS === undefined
      ? null
      : Object.freeze({ url: GATEKEEPER_CALLBACK_URL, address: listenAddress(GATEKEEPER_CALLBACK_ADDRESS) });
  return Object.freeze({ url: GATEKEEPER_URL, callback });
}

type Given = Record<string, string | undefined>;

/** One without the other would be a callback that no listener serves. */
function callbackProblems(given: Given): string[] {
  const problems = pairProblems(given, ['GATEKEEPER_CALLBACK_URL', 'GATEKEEPER_CALLBACK_ADDRESS']);
  const isSet = given['GATEKEEPER_CALLBACK_URL'] !== undefined;
  return isSet && problems.length === 0 && given['GATEKEEPER_URL'] === undefined
    ? ['GATEKEEPER_URL: needed where GATEKEEPER_CALLBACK_URL is set']
    : problems;
}

/** One without the other would be a worker that is not versioned, and was meant to be. */
function versionProblems(given: Given): string[] {
  return pairProblems(given, ['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID']);
}

function pairProblems(given: Given, names: readonly [string, string]): string[] {
  const [missing, ...others] = names.filter((name) => given[name] === undefined);
  return missing === undefined || others.length > 0
    ? []
    : [`${missing}: needed together with ${names.find((name) => name !== missing) ?? ''}`];
}

/** The namespace stands in for a deployment that is not named. */
function namespaceProblems(
  temporal: ClientConnectConfig,
  { DEPLOYMENT }: Record<string, string | undefined>,
): string[] {
  if (DEPLOYMENT !== undefined || isShortEnough(namespaceOf(temporal))) return [];
  return [
    `DEPLOYMENT: the namespace is too long to stand in for it; set it, to at most ${String(MAX_DEPLOYMENT_BYTES)} bytes`,
  ];
}

function namespaceOf({ namespace }: ClientConnectConfig): string {
  return namespace ?? 'default';
}

function isShortEnough(deployment: string): boolean {
  return encodeURIComponent(deployment).length <= MAX_DEPLOYMENT_BYTES;
}

/** `amqp://a,b` would be a host of that name. */
export function isNodeUrl(value: string): boolean {
  return isUrl(value, ['amqp:', 'amqps:']) && !new URL(value).hostname.includes(',');
}

function isUrl(value: string, schemes: readonly string[]): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, search, hash } = new URL(value);
  return schemes.includes(protocol) && hostname !== '' && search === '' && hash === '';
}
