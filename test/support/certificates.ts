/**
 * A certificate authority for one test, and the certificates that it signs, as PEM files in a folder.
 *
 * It uses the command `openssl`, because node:crypto reads certificates and cannot sign them. The package of
 * RabbitMQ depends on that of openssl, so the command is present wherever these tests can run.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The paths of a certificate and its key. */
export interface Certificate {
  cert: string;
  key: string;
}

export interface SignOptions {
  /** The common name, by which a broker identifies a client. */
  name: string;
  /** The host names of a server. Default: the loopback interface, by name and by address. */
  hosts?: readonly string[];
  /** Default: two days from now. */
  validity?: 'now' | 'expired';
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const LOOPBACK = ['DNS:localhost', 'IP:127.0.0.1'];
const DAYS = { now: '2', expired: '-1' } as const;

const run = promisify(execFile);

export class Authority {
  private constructor(
    readonly folder: string,
    /** The path of its certificate. */
    readonly ca: string,
    private readonly key: string,
  ) {}

  static async create(): Promise<Authority> {
    const folder = await mkdtemp(join(tmpdir(), 'vnf-migrator-certificates-'));
    const authority = new Authority(folder, join(folder, 'ca.pem'), join(folder, 'ca.key'));
    const config = await authority.configFile([
      ...['basicConstraints = critical, CA:TRUE', 'keyUsage = critical, keyCertSign'],
    ]);
    const files = ['-keyout', authority.key, '-out', authority.ca];
    const subject = ['-subj', `/CN=authority ${randomUUID()}`];
    await openssl(['req', '-x509', '-config', config, ...KEY, ...files, ...subject, '-days', '2']);
    return authority;
  }

  /** For a server and for a client alike. */
  async sign({ name, hosts = LOOPBACK, validity = 'now' }: SignOptions): Promise<Certificate> {
    const file = (suffix: string): string => join(this.folder, `${randomUUID().slice(0, 8)}.${suffix}`);
    const [cert, key, request] = [file('pem'), file('key'), file('csr')];
    const config = await this.configFile([
      `subjectAltName = ${hosts.join(', ')}`,
      'basicConstraints = critical, CA:FALSE',
      'keyUsage = critical, digitalSignature',
      'extendedKeyUsage = serverAuth, clientAuth',
    ]);
    await openssl([
      ...['req', '-new', '-config', config, ...KEY, '-keyout', key, '-out', request, '-subj', `/CN=${name}`],
    ]);
    await openssl([
      ...['x509', '-req', '-in', request, '-out', cert, '-CA', this.ca, '-CAkey', this.key],
      ...['-set_serial', `0x${randomUUID().replaceAll('-', '')}`, '-days', DAYS[validity]],
      ...['-extfile', config, '-extensions', 'extensions'],
    ]);
    return { cert, key };
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async configFile(extensions: readonly string[]): Promise<string> {
    const path = join(this.folder, `${randomUUID().slice(0, 8)}.cnf`);
    const head = ['[req]', 'distinguished_name = name', 'x509_extensions = extensions', '[name]'];
    await writeFile(path, [...head, '[extensions]', ...extensions, ''].join('\n'));
    return path;
  }
}

async function openssl(args: readonly string[]): Promise<void> {
  await run('openssl', args);
}
