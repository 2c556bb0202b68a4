/**
 * Temporal's own settings: values that its loader accepts silently, and that cannot be intended, are named. No
 * value is repeated.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, describe } from 'vitest';
import { ConfigError, loadConfig } from '../../../src/settings/config.js';

const SECRET = 'canary-secret';

const folder = mkdtempSync(join(tmpdir(), 'temporal-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

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

describe("Temporal's settings", () => {
  it('are taken from a profile, API key and all', () => {
    const TEMPORAL_CONFIG_FILE = file(
      'profiles.toml',
      `[profile.telco]\naddress = "temporal:7233"\nnamespace = "telco"\napi_key = "${SECRET}"\n`,
    );
    const { temporal } = loadConfig({ TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE: 'telco' });
    expect(temporal).toMatchObject({
      address: 'temporal:7233',
      namespace: 'telco',
      // An API key goes over TLS, also where nothing else asks for it.
      connectionOptions: { apiKey: SECRET, tls: true },
    });
  });

  it.each<[string, NodeJS.ProcessEnv, string[]]>([
    [
      'a file of profiles that is not there',
      { TEMPORAL_CONFIG_FILE: join(folder, SECRET) },
      ['TEMPORAL_CONFIG_FILE: the file cannot be read (ENOENT)'],
    ],
    [
      'a profile that the file does not have',
      { TEMPORAL_CONFIG_FILE: file('other.toml', '[profile.other]\n'), TEMPORAL_PROFILE: 'telco' },
      ["TEMPORAL_…: Profile 'telco' not found in config data"],
    ],
    [
      'a switch that is neither on nor off',
      { TEMPORAL_TLS: 'TRUE', TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: SECRET },
      [
        'TEMPORAL_TLS: expected true or false',
        'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: expected true or false',
      ],
    ],
    [
      'files that are not there, of which one is a key in the place of its path',
      {
        TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(folder, 'nothing'),
        TEMPORAL_TLS_CLIENT_CERT_PATH: folder,
        TEMPORAL_TLS_CLIENT_KEY_PATH: SECRET,
      },
      [
        'TEMPORAL_TLS_SERVER_CA_CERT_PATH: the file cannot be read (ENOENT)',
        'TEMPORAL_TLS_CLIENT_CERT_PATH: the file cannot be read (EISDIR)',
        'TEMPORAL_TLS_CLIENT_KEY_PATH: the file cannot be read (ENOENT)',
      ],
    ],
    [
      'an API key with a line break, which gRPC would tell in an error',
      { TEMPORAL_API_KEY: `${SECRET}\n` },
      ['TEMPORAL_API_KEY: expected printable ASCII, without a line break'],
    ],
    [
      'the same in a profile, and a header of one’s own',
      {
        TEMPORAL_CONFIG_FILE: file('broken.toml', `[profile.default]\napi_key = "${SECRET}\\n"\n`),
        TEMPORAL_GRPC_META_TOKEN: `${SECRET}\n`,
      },
      [
        'TEMPORAL_CONFIG_FILE, api_key: expected printable ASCII, without a line break',
        'TEMPORAL_GRPC_META_…: expected printable ASCII, without a line break',
      ],
    ],
    [
      'half of a key pair, which would be left out without a word',
      { TEMPORAL_TLS_CLIENT_KEY_DATA: KEY },
      ['TEMPORAL_TLS_CLIENT_CERT_PATH: needed together with TEMPORAL_TLS_CLIENT_KEY_DATA'],
    ],
    [
      'what is no PEM',
      {
        TEMPORAL_TLS_SERVER_CA_CERT_DATA: SECRET,
        TEMPORAL_TLS_CLIENT_CERT_DATA: SECRET,
        TEMPORAL_TLS_CLIENT_KEY_DATA: SECRET,
      },
      [
        'TEMPORAL_TLS_SERVER_CA_CERT_DATA: expected certificates in PEM',
        'TEMPORAL_TLS_CLIENT_CERT_DATA: expected certificates in PEM',
        'TEMPORAL_TLS_CLIENT_KEY_DATA: expected a private key in PEM',
      ],
    ],
    [
      'what is wrong in a profile',
      {
        TEMPORAL_CONFIG_FILE: file(
          'wrong.toml',
          `[profile.default.tls]\nserver_ca_cert_path = "${join(folder, 'nothing')}"\nclient_key_data = "${SECRET}"\n`,
        ),
      },
      ['TEMPORAL_CONFIG_FILE, tls.server_ca_cert_path: the file cannot be read (ENOENT)'],
    ],
  ])('that are wrong: %s', (_, environment, expected) => {
    expect(problems(environment)).toEqual(expected);
  });

  it('of TLS that is switched off are not looked at', () => {
    const off = { TEMPORAL_TLS: 'false', TEMPORAL_TLS_CLIENT_KEY_PATH: join(folder, 'nothing') };
    expect(loadConfig(off).temporal.connectionOptions.tls).toBe(false);
  });
});
