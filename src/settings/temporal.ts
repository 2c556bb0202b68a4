/**
 * Temporal's own settings, as `@temporalio/envconfig` reads them, and what it takes without a word although it cannot
 * be meant: a file that is not there, half of a key pair, a switch that is neither on nor off.
 *
 * Invariant: no problem repeats what a setting or a file holds, not even a path, in whose place a key may have been put.
 */
import { readFileSync } from 'node:fs';
import {
  loadClientConfigProfile,
  loadConfigData,
  toClientOptions,
  type ClientConfigProfile,
  type ClientConnectConfig,
  type ConfigDataSource,
} from '@temporalio/envconfig';
import { materialProblems, type MaterialNames, type TlsMaterial } from './tls-material.js';

type Environment = Readonly<Record<string, string>>;

const CONFIG_FILE = 'TEMPORAL_CONFIG_FILE';
const SENDABLE = /^[ -~]+$/;
const SWITCHES = ['TEMPORAL_TLS', 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'];
/** Anything else would be "off", `TRUE` included. */
const SWITCH = /^(true|false|1|0)$/;

export function loadTemporal(environment: Environment): ClientConnectConfig | { problems: string[] } {
  const problems = environmentProblems(environment);
  if (problems.length > 0) return { problems };
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: environment });
    const found = [...headerProblems(profile, environment), ...tlsProblems(profile, environment)];
    return found.length > 0 ? { problems: found } : toClientOptions(profile);
  } catch (error) {
    // The lines after the first quote the file, API key and all.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    return { problems: [`TEMPORAL_…: ${reason}`] };
  }
}

function environmentProblems(environment: Environment): string[] {
  const problems = SWITCHES.filter((name) => {
    const value = environment[name];
    return value !== undefined && !SWITCH.test(value);
  }).map((name) => `${name}: expected true or false`);
  const file = environment[CONFIG_FILE];
  if (file === undefined) return problems;
  try {
    readFileSync(file);
  } catch (error) {
    problems.push(unreadable(CONFIG_FILE, error));
  }
  return problems;
}

function unreadable(name: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return `${name}: the file cannot be read (${code})`;
}

function tlsProblems({ tls }: ClientConfigProfile, environment: Environment): string[] {
  if (tls === undefined || tls.disabled === true) return [];
  const sources = { ca: tls.serverCACert, cert: tls.clientCert, key: tls.clientKey };
  const names: MaterialNames = {
    ca: nameOf('SERVER_CA_CERT', { source: sources.ca, environment }),
    cert: nameOf('CLIENT_CERT', { source: sources.cert, environment }),
    key: nameOf('CLIENT_KEY', { source: sources.key, environment }),
  };
  const problems: string[] = [];
  const contentOf = (part: keyof TlsMaterial): Uint8Array | null => {
    try {
      return loadConfigData(sources[part]) ?? null;
    } catch (error) {
      problems.push(unreadable(names[part], error));
      return null;
    }
  };
  const material = { ca: contentOf('ca'), cert: contentOf('cert'), key: contentOf('key') };
  return problems.length > 0 ? problems : materialProblems(material, names);
}

/** What gRPC sends as headers; its error would repeat a value that it cannot send. */
function headerProblems({ apiKey, grpcMeta = {} }: ClientConfigProfile, environment: Environment): string[] {
  const wrong = 'expected printable ASCII, without a line break';
  const keyName =
    environment['TEMPORAL_API_KEY'] === undefined ? `${CONFIG_FILE}, api_key` : 'TEMPORAL_API_KEY';
  const isMetaWrong = Object.values(grpcMeta).some((value) => !SENDABLE.test(value));
  return [
    ...(apiKey === undefined || SENDABLE.test(apiKey) ? [] : [`${keyName}: ${wrong}`]),
    ...(isMetaWrong ? [`TEMPORAL_GRPC_META_…: ${wrong}`] : []),
  ];
}

/** As it is set: in the environment, or in the profile. */
function nameOf(
  what: string,
  { source, environment }: { source: ConfigDataSource | undefined; environment: Environment },
): string {
  const name = `TEMPORAL_TLS_${what}_${source !== undefined && 'data' in source ? 'DATA' : 'PATH'}`;
  const isInProfile = source !== undefined && environment[name] === undefined;
  return isInProfile ? `${CONFIG_FILE}, ${name.replace('TEMPORAL_TLS_', 'tls.').toLowerCase()}` : name;
}
