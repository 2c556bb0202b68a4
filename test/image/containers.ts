/**
 * Containers of the image, as a strict engine runs them: with a read-only root, by the image's own user, without capabilities
 * and without new privileges.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  NAMESPACES,
  NO_CAPABILITIES,
  secretMounts,
  type Container,
  type Ended,
  type Runc,
} from '../support/runc.js';
import type { ImageConfig } from './store.js';

const COMMAND_WITHIN_MS = 120_000;

export interface ContainerOptions {
  args: readonly string[];
  env?: Record<string, string>;
  /** In place of the image's. */
  entrypoint?: readonly string[];
}

export interface ImageToRun {
  /** Its root file system. */
  root: string;
  config: ImageConfig;
  /** Content by path: secrets, for the image's user alone. */
  files: Record<string, string>;
}

export class Containers {
  constructor(
    private readonly runc: Runc,
    private readonly image: ImageToRun,
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
    return await this.runc.start((bundle) => this.specification(bundle, options));
  }

  private async specification(bundle: string, options: ContainerOptions): Promise<object> {
    const { root, config, files } = this.image;
    const [uid = 0, gid = 0] = config.User.split(':').map(Number);
    const env = Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`);
    const secrets = Object.entries(files).map(([path, content]) => ({ path, content, uid, gid }));
    return {
      process: {
        ...{ user: { uid, gid }, capabilities: NO_CAPABILITIES, noNewPrivileges: true, terminal: false },
        args: [...(options.entrypoint ?? config.Entrypoint), ...options.args],
        env: [...config.Env, ...env],
        cwd: config.WorkingDir,
      },
      root: { path: root, readonly: true },
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
        { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
        ...(await secretMounts(bundle, secrets)),
      ],
      linux: { namespaces: NAMESPACES },
    };
  }
}
