/**
 * How we get into the broker: its address, and what shows who we are.
 *
 * Invariants: files are read at each connect, so that a rotated password or certificate takes effect
 * without a restart; no problem repeats what a setting or a file holds, not even a path, in whose place a password may
 * have been put.
 */
import { readFileSync } from 'node:fs';
import { materialProblems } from './tls-material.js';
import type { BrokerUrls } from './broker-urls.js';

/** All nodes know the same users, and are shown the same files. */
export interface BrokerAccess {
  /** One for each node. With credentials: never to be shown. */
  readonly urls: BrokerUrls;
  readonly files?: BrokerFiles | undefined;
}

/** To one of them. */
export interface NodeAccess extends Omit<BrokerAccess, 'urls'> {
  readonly url: string;
}

const FILES = ['password', 'ca', 'cert', 'key'] as const;
type BrokerFile = (typeof FILES)[number];

/** Paths. */
export type BrokerFiles = Readonly<Partial<Record<BrokerFile, string>>>;

/** The settings that name them. */
export const FILE_SETTINGS = {
  password: 'AMQP_PASSWORD_FILE',
  ca: 'AMQP_TLS_CA_FILE',
  cert: 'AMQP_TLS_CERT_FILE',
  key: 'AMQP_TLS_KEY_FILE',
} as const satisfies Record<BrokerFile, string>;

/** What is in them; null where there is none. */
export interface BrokerSecrets extends Record<Exclude<BrokerFile, 'password'>, Buffer | null> {
  password: string | null;
}

/** A file that a setting names cannot be used. The message names the setting. */
export class UnusableFileError extends Error {
  override readonly name = 'UnusableFileError';
}

type FileSettings = Readonly<Partial<Record<(typeof FILE_SETTINGS)[BrokerFile], string | undefined>>>;

/** Undefined if none is named. */
export function brokerFiles(settings: FileSettings): BrokerFiles | undefined {
  const named = FILES.flatMap((file) => {
    const path = settings[FILE_SETTINGS[file]];
    return path === undefined ? [] : [[file, path]];
  });
  return named.length === 0 ? undefined : Object.freeze(Object.fromEntries(named) as BrokerFiles);
}

/** With a certificate and without a user: the broker takes the user from the certificate. */
export function logsInByCertificate({ url, files }: NodeAccess): boolean {
  return files?.cert !== undefined && new URL(url).username === '';
}

/**
 * What the files hold now.
 * @throws UnusableFileError
 */
export function readSecrets({ files }: Pick<BrokerAccess, 'files'>): BrokerSecrets {
  const { secrets, problems } = lookInto(files ?? {});
  if (problems.length > 0) throw new UnusableFileError(problems.join('; '));
  return secrets;
}

/** What is wrong with the settings, beyond the form of the address. */
export function accessProblems({ urls, files }: BrokerAccess): string[] {
  const combinations = urls.flatMap((url) => combinationProblems({ url, files }));
  // A problem of several nodes is reported once.
  return [...new Set([...combinations, ...lookInto(files ?? {}).problems])];
}

/** Settings that are right each by itself and not together. */
function combinationProblems({ url, files = {} }: NodeAccess): string[] {
  if (!URL.canParse(url)) return [];
  const { protocol, username, password } = new URL(url);
  const problems: string[] = [];
  const tls = FILES.find((file) => file !== 'password' && files[file] !== undefined);
  if (tls !== undefined && protocol !== 'amqps:') {
    problems.push(`${FILE_SETTINGS[tls]}: without TLS it is of no use: expected an AMQP_URL with amqps://`);
  }
  if (files.password !== undefined && username === '') {
    problems.push('AMQP_URL: expected the user whose password is in AMQP_PASSWORD_FILE');
  }
  if (files.password !== undefined && password !== '') {
    problems.push('AMQP_PASSWORD_FILE: AMQP_URL has a password as well: leave one of them out');
  }
  if (files.cert !== undefined && username !== '' && password === '' && files.password === undefined) {
    problems.push('AMQP_URL: expected a password for its user, or no user, to log in by certificate');
  }
  return problems;
}

function lookInto(files: BrokerFiles): { secrets: BrokerSecrets; problems: string[] } {
  const problems: string[] = [];
  const contentOf = (file: BrokerFile): Buffer | null => {
    const path = files[file];
    if (path === undefined) return null;
    try {
      return readFileSync(path);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      problems.push(`${FILE_SETTINGS[file]}: the file cannot be read (${code})`);
      return null;
    }
  };
  const material = { ca: contentOf('ca'), cert: contentOf('cert'), key: contentOf('key') };
  // What could not be read is not missing.
  if (problems.length === 0) problems.push(...materialProblems(material, FILE_SETTINGS));
  const password = contentOf('password')
    ?.toString('utf8')
    // Editors and `echo` end a file with a line break that belongs to no password.
    .replace(/[\r\n]+$/, '');
  if (password === '') problems.push(`${FILE_SETTINGS.password}: the file is empty`);
  return { secrets: { ...material, password: password ?? null }, problems };
}
