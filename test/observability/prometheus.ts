/**
 * Debian's Prometheus, and its tool: installed ones, or the package unpacked into the user's cache folder.
 *
 * Invariants: nothing of the system is changed: the package is downloaded and unpacked, not installed, so that none of its
 * scripts runs and it starts no service. Prometheus listens on the loopback interface, and ends with the supervisor.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DevError } from '../../src/dev/errors.js';
import { findOnPath, isExecutable } from '../../src/dev/install/find-on-path.js';
import { runInstallStep, type Installer } from '../../src/dev/install/step.js';
import { freePorts, LOOPBACK } from '../../src/dev/processes/ports.js';
import { retryOnPortConflict, Service } from '../../src/dev/processes/service.js';
import type { Supervisor } from '../../src/dev/processes/supervisor.js';

export interface PrometheusPrograms {
  prometheus: string;
  promtool: string;
}

const INSTALL_TIMEOUT_MS = 10 * 60_000;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const NAMES = ['prometheus', 'promtool'] as const;

/** Announces what it downloads. */
export async function findPrometheus(installer: Installer): Promise<PrometheusPrograms> {
  const { env, report } = installer;
  const [prometheus, promtool] = NAMES.map((name) => findOnPath({ name, env }));
  if (prometheus != null && promtool != null) return { prometheus, promtool };
  const cached = programsIn(cacheOf(env));
  if (isExecutable(cached.promtool)) return cached;
  const apt = findOnPath({ name: 'apt-get', env });
  if (apt === null || env['VNF_MIGRATOR_NO_INSTALL'] === '1')
    throw new DevError(
      'There is no Prometheus here, and none may be downloaded: install the package prometheus',
    );
  report('Prometheus is not installed: unpacking the package prometheus into the cache folder');
  await unpack(installer, apt);
  return cached;
}

function cacheOf(env: NodeJS.ProcessEnv): string {
  const cache = env['XDG_CACHE_HOME'] ?? '';
  return join(
    cache === '' ? join(env['HOME'] ?? homedir(), '.cache') : cache,
    'vnf-migrator',
    'prometheus-debian',
  );
}

function programsIn(folder: string): PrometheusPrograms {
  const [prometheus = '', promtool = ''] = NAMES.map((name) => join(folder, 'usr', 'bin', name));
  return { prometheus, promtool };
}

/** Complete, or not there: it arrives by a rename. */
async function unpack(installer: Installer, apt: string): Promise<void> {
  const target = cacheOf(installer.env);
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(`${target}.`);
  try {
    const step = { installer, command: apt, timeoutMs: INSTALL_TIMEOUT_MS };
    if (process.getuid?.() === 0) await runInstallStep({ ...step, what: 'apt-get update', args: ['update'] });
    // apt-get downloads into the working folder.
    const script = 'cd "$1" && "$2" download prometheus && dpkg-deb --extract prometheus_*.deb .';
    const args = ['-c', script, 'sh', folder, apt];
    await runInstallStep({ ...step, what: 'downloading prometheus', command: 'sh', args });
    for (const name of await readdir(folder)) if (name.endsWith('.deb')) await rm(join(folder, name));
    await rename(folder, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs promtool, and returns what it printed. @throws with its output if it fails */
export async function promtool(
  { promtool: command }: PrometheusPrograms,
  args: readonly string[],
): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args);
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`promtool ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

export interface Sample {
  metric: Record<string, string>;
  value: number;
}

export interface RuleState {
  name: string;
  health: string;
  lastError?: string;
  state: 'inactive' | 'pending' | 'firing';
}

export class Prometheus {
  private constructor(private readonly url: string) {}

  /** `config` is the content of its prometheus.yml. */
  static async start(
    { prometheus }: PrometheusPrograms,
    { supervisor, config, env }: { supervisor: Supervisor; config: string; env: NodeJS.ProcessEnv },
  ): Promise<Prometheus> {
    const folder = join(supervisor.directory, 'prometheus');
    await mkdir(folder, { recursive: true });
    const configFile = join(folder, 'prometheus.yml');
    await writeFile(configFile, config);
    return await retryOnPortConflict(async () => {
      const [port = 0] = await freePorts(1);
      const url = `http://${LOOPBACK}:${port}`;
      const args = [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${LOOPBACK}:${port}`,
      ];
      const logFile = join(folder, 'prometheus.log');
      const service = new Service({
        supervisor,
        name: 'Prometheus',
        spawn: { command: prometheus, args, env, logFile, stopTimeoutMs: STOP_TIMEOUT_MS },
        isReady: () =>
          fetch(`${url}/-/ready`).then(
            ({ ok }) => ok,
            () => false,
          ),
        startTimeoutMs: START_TIMEOUT_MS,
      });
      await service.start();
      return new Prometheus(url);
    });
  }

  /** The present samples of an instant vector, or of a scalar. @throws if Prometheus refuses the expression */
  async query(expression: string): Promise<Sample[]> {
    const { resultType, result } = await this.get<QueryResult>('query', { query: expression });
    if (resultType === 'scalar') return [{ metric: {}, value: Number(result[1]) }];
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** The names of all series that it has. */
  async names(): Promise<string[]> {
    return await this.get<string[]>('label/__name__/values', {});
  }

  async rules(): Promise<RuleState[]> {
    const { groups } = await this.get<{ groups: { rules: RuleState[] }[] }>('rules', { type: 'alert' });
    return groups.flatMap(({ rules }) => rules);
  }

  private async get<Data>(path: string, query: Record<string, string>): Promise<Data> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(query).toString()}`);
    const answer = (await response.json()) as { data?: Data; error?: string };
    if (answer.data === undefined) throw new Error(`Prometheus: ${answer.error ?? response.status}`);
    return answer.data;
  }
}

type QueryResult =
  | { resultType: 'vector'; result: { metric: Record<string, string>; value: [number, string] }[] }
  | { resultType: 'scalar'; result: [number, string] };
