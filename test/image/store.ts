/** Images in a folder of ours, made by buildah: the stand-in for the base, and the one that the Dockerfile describes. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runInstallStep, type Installer } from '../../src/dev/install/step.js';
import { output } from '../support/debian-packages.js';

/** An npm and a build on a busy machine of two cores. */
const BUILD_TIMEOUT_MS = 1_800_000;
const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** What the engine that runs the image is told by it. */
export interface ImageConfig {
  User: string;
  Env: string[];
  Entrypoint: string[];
  Cmd: string[];
  WorkingDir: string;
  Labels: Record<string, string>;
}

export interface BuildOptions {
  name: string;
  /** Build arguments of the Dockerfile. */
  args: Record<string, string>;
  /** All times in the image: the same sources make the same image. */
  sourceDateEpoch: number;
}

export class ImageStore {
  private constructor(
    private readonly installer: Installer,
    private readonly directory: string,
    private readonly driver: 'overlay' | 'vfs',
  ) {}

  /** With the driver `overlay` where the kernel has it, and else with `vfs`, which copies. */
  static async open(installer: Installer, directory: string): Promise<ImageStore> {
    const absolute = resolve(directory);
    const overlay = new ImageStore(installer, join(absolute, 'overlay'), 'overlay');
    try {
      const container = await overlay.buildah('from', 'scratch');
      await overlay.buildah('mount', container);
      await overlay.buildah('rm', container);
      return overlay;
    } catch (error) {
      installer.report(`no overlay file system, using vfs: ${String(error)}`);
      return new ImageStore(installer, join(absolute, 'vfs'), 'vfs');
    }
  }

  get description(): string {
    return `storage driver ${this.driver}, isolation chroot, network of the host`;
  }

  /** Makes an image of a root file system. */
  async load(name: string, archive: string): Promise<void> {
    const container = await this.buildah('from', 'scratch');
    await this.buildah('add', container, archive, '/');
    await this.buildah('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', container);
    await this.buildah('commit', '--quiet', '--rm', container, name);
  }

  /** Builds the Dockerfile as it is. */
  async build({ name, args, sourceDateEpoch }: BuildOptions): Promise<void> {
    const npmrc = join(this.directory, 'npmrc');
    await writeFile(npmrc, 'cafile=/run/secrets/ca.pem\n');
    await runInstallStep({
      installer: this.installer,
      what: `building ${name}`,
      command: 'buildah',
      args: [
        ...[...this.where(), 'build', '--isolation', 'chroot', '--network', 'host', '--pull-never'],
        // The machine's own authorities: a mirror of npm may be signed by one.
        ...['--secret', `id=npmrc,src=${npmrc}`, '--secret', `id=ca,src=${SYSTEM_AUTHORITIES}`],
        ...Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
        ...['--timestamp', String(sourceDateEpoch), '--tag', name, '.'],
      ],
      timeoutMs: BUILD_TIMEOUT_MS,
    });
  }

  async config(name: string): Promise<ImageConfig> {
    const text = await this.buildah('inspect', '--type', 'image', name);
    return (JSON.parse(text) as { OCIv1: { config: ImageConfig } }).OCIv1.config;
  }

  /** Its root file system, mounted. */
  async mount(name: string): Promise<string> {
    const container = await this.buildah('from', '--pull-never', name);
    return await this.buildah('mount', container);
  }

  /** How many bytes are pulled: the compressed layers, as `docker save` and a registry have them. */
  async compressedBytes(name: string): Promise<number> {
    const archive = join(this.directory, 'image.tar');
    await this.buildah('push', '--quiet', name, `oci-archive:${archive}`);
    const { size } = await stat(archive);
    await rm(archive);
    return size;
  }

  /** All that an image says of itself, its history included. */
  async manifest(name: string): Promise<string> {
    return await this.buildah('inspect', '--type', 'image', name);
  }

  async remove(): Promise<void> {
    await this.buildah('rm', '--all');
    await this.buildah('rmi', '--all', '--force');
    await rm(this.directory, { recursive: true, force: true });
  }

  private where(): string[] {
    const folder = (name: string): string => join(this.directory, name);
    return ['--root', folder('root'), '--runroot', folder('run'), '--storage-driver', this.driver];
  }

  private async buildah(...args: string[]): Promise<string> {
    return await output('buildah', [...this.where(), ...args]);
  }
}

/** The base that the Dockerfile names, and the version of Node.js in it. */
export async function baseOf(dockerfile: string): Promise<{ name: string; version: string }> {
  const text = await readFile(dockerfile, 'utf8');
  const [, name, version] = /^FROM (node:(\d+\.\d+\.\d+)-\S+)/m.exec(text) ?? [];
  if (name === undefined || version === undefined) throw new Error(`${dockerfile} names no base`);
  return { name: `docker.io/library/${name}`, version };
}
