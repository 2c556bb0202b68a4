/**
 * Containers of the image, run by runc: as PID 1, with a read-only root, by the image's own user, without capabilities and
 * without new privileges, on the network of the host.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Supervisor, SupervisedProcess } from '../../src/dev/processes/supervisor.js';
import type { ImageConfig } from './store.js';
import { output } from './tools.js';

const COMMAND_WITHIN_MS = 120_000;
/** As in docker-compose.yml. A container that takes longer is killed there. */
const STOP_WITHIN_MS = 60_000;

export interface ContainerOptions {
  args: readonly string[];
  env?: Record<string, string>;
  /** In place of the image's. */
  entrypoint?: readonly string[];
}

export interface Ended {
  code: number | null;
  /** Standard output and standard error. */
  text: string;
}

export interface Container {
  log: () => Promise<string>;
  ended: Promise<Ended>;
  /** To the process in it, as an engine sends it. */
  signal: (name: 'TERM') => Promise<void>;
  /** The memory of the process in it. */
  residentBytes: () => Promise<number>;
}

/** Files of the containers: content by path. Read-only, for the image's user alone. */
export type Files = Record<string, string>;

export class Containers {
  private started = 0;
  private readonly running = new Map<string, SupervisedProcess>();

  constructor(
    private readonly image: { root: string; config: ImageConfig; files: Files },
    private readonly where: { supervisor: Supervisor; directory: string },
  ) {}

  /** Runs a command to its end. */
  async run(options: ContainerOptions): Promise<Ended> {
    const container = await this.start(options);
    const late = delay(COMMAND_WITHIN_MS, null, { ref: false });
    const ended = await Promise.race([container.ended, late]);
    if (ended === null) throw new Error(`${options.args.join(' ')} does not end: ${await container.log()}`);
    return ended;
  }

  async start(options: ContainerOptions): Promise<Container> {
    this.started += 1;
    const id = `vnf-migrator-${String(process.pid)}-${String(this.started)}`;
    const bundle = join(this.where.directory, id);
    await mkdir(bundle, { recursive: true });
    await writeFile(join(bundle, 'config.json'), JSON.stringify(await this.specification(options, bundle)));
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
    const signal = async (name: string): Promise<void> => {
      await output('runc', [...state, 'kill', id, name]);
    };
    const residentBytes = async (): Promise<number> => {
      const { pid } = JSON.parse(await output('runc', [...state, 'state', id])) as { pid: number };
      const [, kibibytes] =
        /VmRSS:\s*(\d+)/.exec(await readFile(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
      return Number(kibibytes) * 1_024;
    };
    return { log, ended, signal, residentBytes };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map((container) => container.stop()));
  }

  /** OCI's runtime specification of it. */
  private async specification(options: ContainerOptions, bundle: string): Promise<object> {
    const { root, config } = this.image;
    const [uid, gid] = config.User.split(':').map(Number);
    const env = Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`);
    const none = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };
    return {
      ociVersion: '1.0.2',
      process: {
        ...{ user: { uid, gid }, capabilities: none, noNewPrivileges: true, terminal: false },
        args: [...(options.entrypoint ?? config.Entrypoint), ...options.args],
        env: [...config.Env, ...env],
        cwd: config.WorkingDir,
      },
      root: { path: root, readonly: true },
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
        { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
        ...(await this.fileMounts(bundle, { uid: uid!, gid: gid! })),
      ],
      // No network of its own: the stack listens on the loopback interface of the host.
      linux: { namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
    };
  }

  private async fileMounts(bundle: string, { uid, gid }: { uid: number; gid: number }): Promise<object[]> {
    const folder = join(bundle, 'files');
    await mkdir(folder);
    const mounts = Object.entries(this.image.files).map(async ([destination, content], index) => {
      const source = join(folder, String(index));
      await writeFile(source, content, { mode: 0o400 });
      await output('chown', [`${String(uid)}:${String(gid)}`, source]);
      return { destination, type: 'bind', source, options: ['bind', 'ro', 'nosuid', 'nodev'] };
    });
    return await Promise.all(mounts);
  }
}
