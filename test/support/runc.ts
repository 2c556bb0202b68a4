/** Containers by runc, without an engine. A process in one is its PID 1. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Supervisor, SupervisedProcess } from '../../src/dev/processes/supervisor.js';
import { output } from './debian-packages.js';

/** What an engine gives a container, by default or by docker-compose.yml. */
const STOP_WITHIN_MS = 60_000;

export interface Ended {
  code: number | null;
  /** Standard output and standard error. */
  text: string;
}

export interface Container {
  log: () => Promise<string>;
  ended: Promise<Ended>;
  /** Sends SIGTERM to the process in it. */
  terminate: () => Promise<void>;
  /** The memory of the process in it. */
  residentBytes: () => Promise<number>;
}

/** A file that only one user reads. Its path is in the container. */
export interface SecretFile {
  path: string;
  content: string;
  uid: number;
  gid: number;
}

/** No container of ours has any. */
export const NO_CAPABILITIES = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };

/** `linux.namespaces`. The network is the host's: the stack listens on its loopback interface. */
export const NAMESPACES = ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type }));

export class Runc {
  private started = 0;
  private readonly running = new Map<string, SupervisedProcess>();

  constructor(private readonly where: { supervisor: Supervisor; directory: string }) {}

  /** `specification` is OCI's, for the folder of the container. */
  async start(specification: (bundle: string) => Promise<object>): Promise<Container> {
    this.started += 1;
    const id = `vnf-migrator-${String(process.pid)}-${String(this.started)}`;
    const bundle = join(this.where.directory, id);
    await mkdir(bundle, { recursive: true });
    const content = { ociVersion: '1.0.2', ...(await specification(bundle)) };
    await writeFile(join(bundle, 'config.json'), JSON.stringify(content));
    const logFile = join(this.where.directory, `${id}.log`);
    const state = ['--root', join(this.where.directory, 'runc')];
    const running = await this.where.supervisor.spawn({
      command: 'runc',
      args: [...state, 'run', '--bundle', bundle, id],
      env: process.env,
      logFile,
      stopTimeoutMs: STOP_WITHIN_MS,
    });
    this.running.set(id, running);
    const log = (): Promise<string> => readFile(logFile, 'utf8').catch(() => '');
    const ended = running.exited.then(async ({ code }) => {
      this.running.delete(id);
      await rm(bundle, { recursive: true, force: true });
      return { code, text: await log() };
    });
    const terminate = async (): Promise<void> => {
      await output('runc', [...state, 'kill', id, 'TERM']);
    };
    const residentBytes = async (): Promise<number> => {
      const { pid } = JSON.parse(await output('runc', [...state, 'state', id])) as { pid: number };
      const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
      return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]) * 1_024;
    };
    return { log, ended, terminate, residentBytes };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map((container) => container.stop()));
  }
}

export async function secretMounts(bundle: string, files: readonly SecretFile[]): Promise<object[]> {
  const folder = join(bundle, 'secrets');
  await mkdir(folder);
  const mounts = files.map(async ({ path, content, uid, gid }, index) => {
    const source = join(folder, String(index));
    await writeFile(source, content, { mode: 0o400 });
    await output('chown', [`${String(uid)}:${String(gid)}`, source]);
    return readOnlyMount(source, path);
  });
  return await Promise.all(mounts);
}

export function readOnlyMount(source: string, destination: string): object {
  return { destination, type: 'bind', source, options: ['rbind', 'ro', 'nosuid', 'nodev'] };
}
