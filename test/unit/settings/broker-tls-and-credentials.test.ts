/**
 * Passwords, certificates and keys of the broker in files: a problem is named at start, and the content of a file
 * is never repeated.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connectArguments } from '../../../src/amqp/connect-options.js';
import {
  UnusableFileError,
  type BrokerAccess,
  type NodeAccess,
} from '../../../src/settings/broker-tls-and-credentials.js';
import { ConfigError, loadConfig } from '../../../src/settings/config.js';

const SECRET = 'canary-secret';
/** Nobody has its key. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBvDCCAWGgAwIBAgIUfWSw7U65QVTqe3huYpG2gXQyhYgwCgYIKoZIzj0EAwIw
MzExMC8GA1UEAwwoYSBjZXJ0aWZpY2F0ZSB0aGF0IG5vYm9keSBoYXMgdGhlIGtl
eSBvZjAeFw0yNjExMjMwMzAwMjZaFw0zNjExMjAwMzAwMjZaMDMxMTAvBgNVBAMM
KGEgY2VydGlmaWNhdGUgdGhhdCBub2JvZHkgaGFzIHRoZSBrZXkgb2YwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAARqx95XQ3U1NJxjvGpBQSu7xrRCs01DEZXmYEYi
SQl0uhOhQ/3V9daCrmF9by5jGKh0ZnnPApRjBQ+qLQSBXWqao1MwUTAdBgNVHQ4E
FgQUkOBJPJGPIVKQa6RESS5FlSppfcgwHwYDVR0jBBgwFoAUkOBJPJGPIVKQa6RE
SS5FlSppfcgwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA7s1k
XTW9XiDV8Q0kST8uJGdeJEA6G142VswlufhXH8MCIQCYG88XakvYNIhpoSjhaOq3
WHTwljaVvikjYQoZlbBNIg==
-----END CERTIFICATE-----
`;
const ENCRYPTION = { cipher: 'aes-256-cbc', passphrase: SECRET } as const;

const folder = mkdtempSync(join(tmpdir(), 'broker-access-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function keyFile(name: string, encryption: Partial<typeof ENCRYPTION> = {}): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return file(name, privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString());
}

const certificate = file('certificate.pem', CERTIFICATE);
const otherKey = keyFile('other.key');
const password = file('password', `${SECRET}\n`);

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).not.toContain(SECRET);
    return error.problems;
  }
  throw new Error('the settings were taken');
}

function toNode({ urls: [url], files }: BrokerAccess): NodeAccess {
  return { url, files };
}

describe('how the broker is got into', () => {
  const AMQP_URL = 'amqps://user@h';

  it('is told by files as well as by its address', () => {
    const settings = { AMQP_URL, AMQP_PASSWORD_FILE: password, AMQP_TLS_CA_FILE: certificate };
    const { amqp } = loadConfig(settings);
    expect(amqp).toMatchObject({ urls: [AMQP_URL], files: { password, ca: certificate } });
    expect(Object.isFrozen(amqp.files)).toBe(true);
    const [options, socket] = connectArguments(toNode(amqp));
    expect(options).toMatchObject({ protocol: 'amqps', username: 'user', password: SECRET });
    expect(socket).toEqual({ ca: Buffer.from(CERTIFICATE), rejectUnauthorized: true });
  });

  it('is read anew each time, so that a rotated password counts from the next connection on', () => {
    const rotated = file('rotated', 'old');
    const { amqp } = loadConfig({ AMQP_URL, AMQP_PASSWORD_FILE: rotated });
    expect(connectArguments(toNode(amqp))[0]).toMatchObject({ password: 'old' });
    writeFileSync(rotated, 'new');
    expect(connectArguments(toNode(amqp))[0]).toMatchObject({ password: 'new' });
    rmSync(rotated);
    expect(() => connectArguments(toNode(amqp))).toThrow(UnusableFileError);
    expect(() => connectArguments(toNode(amqp))).toThrow(
      'AMQP_PASSWORD_FILE: the file cannot be read (ENOENT)',
    );
  });

  it.each([
    ['p\n', 'p'],
    ['p\r\n', 'p'],
    ['p', 'p'],
    [' p q ', ' p q '],
    ['100%25@/:é', '100%25@/:é'],
  ])('takes the password of a file that holds %j as it stands, without the line break', (content, wanted) => {
    const { amqp } = loadConfig({ AMQP_URL, AMQP_PASSWORD_FILE: file('as-it-stands', content) });
    expect(connectArguments(toNode(amqp))[0]).toMatchObject({ username: 'user', password: wanted });
  });
});

describe('what is wrong with it is named', () => {
  const AMQP_PASSWORD_FILE = password;
  const AMQP_TLS_CA_FILE = certificate;
  const AMQP_TLS_CERT_FILE = certificate;
  const AMQP_TLS_KEY_FILE = otherKey;
  const missing = join(folder, SECRET);

  it.each<[string, NodeJS.ProcessEnv, string[]]>([
    [
      'certificates without TLS',
      { AMQP_URL: 'amqp://user:password@h', AMQP_TLS_CA_FILE },
      ['AMQP_TLS_CA_FILE: without TLS it is of no use: expected an AMQP_URL with amqps://'],
    ],
    [
      'a password for nobody',
      { AMQP_URL: 'amqp://guest:guest@h', AMQP_PASSWORD_FILE },
      ['AMQP_PASSWORD_FILE: AMQP_URL has a password as well: leave one of them out'],
    ],
    [
      'files, and no address',
      { AMQP_PASSWORD_FILE, AMQP_TLS_CA_FILE },
      ['AMQP_URL: needed where files name what it is got into with (AMQP_PASSWORD_FILE, AMQP_TLS_…)'],
    ],
    [
      'a password and no user',
      { AMQP_URL: 'amqp://h', AMQP_PASSWORD_FILE },
      ['AMQP_URL: expected the user whose password is in AMQP_PASSWORD_FILE'],
    ],
    [
      'two passwords',
      { AMQP_URL: `amqp://user:${SECRET}@h`, AMQP_PASSWORD_FILE },
      ['AMQP_PASSWORD_FILE: AMQP_URL has a password as well: leave one of them out'],
    ],
    [
      'one node of two without a user, told once however many they are',
      { AMQP_URL: 'amqp://user@a,amqp://b,amqp://c', AMQP_PASSWORD_FILE },
      ['AMQP_URL: expected the user whose password is in AMQP_PASSWORD_FILE'],
    ],
    [
      'a certificate without its key',
      { AMQP_URL: 'amqps://h', AMQP_TLS_CERT_FILE },
      ['AMQP_TLS_KEY_FILE: needed together with AMQP_TLS_CERT_FILE'],
    ],
    [
      'a key without its certificate',
      { AMQP_URL: 'amqps://h', AMQP_TLS_KEY_FILE },
      ['AMQP_TLS_CERT_FILE: needed together with AMQP_TLS_KEY_FILE'],
    ],
    [
      'a certificate, and a user without a password',
      { AMQP_URL: 'amqps://user@h', AMQP_TLS_CERT_FILE, AMQP_TLS_KEY_FILE },
      [
        'AMQP_URL: expected a password for its user, or no user, to log in by certificate',
        'AMQP_TLS_KEY_FILE: it is not the key of the certificate in AMQP_TLS_CERT_FILE',
      ],
    ],
    [
      'files that are not there',
      {
        AMQP_URL: 'amqps://user@h',
        AMQP_PASSWORD_FILE: missing,
        AMQP_TLS_CA_FILE: missing,
        AMQP_TLS_CERT_FILE: missing,
        AMQP_TLS_KEY_FILE: missing,
      },
      ['CA', 'CERT', 'KEY']
        .map((name) => `AMQP_TLS_${name}_FILE: the file cannot be read (ENOENT)`)
        .concat('AMQP_PASSWORD_FILE: the file cannot be read (ENOENT)'),
    ],
    [
      'a folder',
      { AMQP_URL: 'amqp://user@h', AMQP_PASSWORD_FILE: folder },
      ['AMQP_PASSWORD_FILE: the file cannot be read (EISDIR)'],
    ],
    [
      'an empty password',
      { AMQP_URL: 'amqp://user@h', AMQP_PASSWORD_FILE: file('empty', '\n') },
      ['AMQP_PASSWORD_FILE: the file is empty'],
    ],
    [
      'what is no PEM',
      {
        AMQP_URL: 'amqps://h',
        AMQP_TLS_CA_FILE: password,
        AMQP_TLS_CERT_FILE: password,
        AMQP_TLS_KEY_FILE: password,
      },
      [
        'AMQP_TLS_CA_FILE: expected certificates in PEM',
        'AMQP_TLS_CERT_FILE: expected certificates in PEM',
        'AMQP_TLS_KEY_FILE: expected a private key in PEM',
      ],
    ],
    [
      'a bundle with a certificate that cannot be read',
      {
        AMQP_URL: 'amqps://h',
        AMQP_TLS_CA_FILE: file('bundle.pem', `${CERTIFICATE}${CERTIFICATE.replace('MII', 'XXX')}`),
      },
      ['AMQP_TLS_CA_FILE: expected certificates in PEM'],
    ],
    [
      'an encrypted key',
      { AMQP_URL: 'amqps://h', AMQP_TLS_CERT_FILE, AMQP_TLS_KEY_FILE: keyFile('encrypted.key', ENCRYPTION) },
      ['AMQP_TLS_KEY_FILE: the key is encrypted: expected one without a passphrase'],
    ],
    [
      'a wrong address as well',
      { AMQP_URL: 'amqps://', AMQP_TLS_CA_FILE: missing },
      [
        expect.stringMatching(/^AMQP_URL: expected a URL/) as string,
        'AMQP_TLS_CA_FILE: the file cannot be read (ENOENT)',
      ],
    ],
  ])('%s', (_, environment, expected) => {
    expect(problems(environment)).toEqual(expected);
  });

  it('also where a secret was put in the place of a path', () => {
    expect(problems({ AMQP_URL: 'amqp://user@h', AMQP_PASSWORD_FILE: SECRET })).toEqual([
      'AMQP_PASSWORD_FILE: the file cannot be read (ENOENT)',
    ]);
  });
});
