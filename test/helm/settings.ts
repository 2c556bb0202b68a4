/**
 * Starts what a container would start with: its environment, with files in the place of Secrets, is read by the program's own
 * settings. A name that is misspelt, or a pair that is incomplete, is a problem here and not first in a cluster.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SETTING_NAMES, loadConfig } from '../../src/settings/config.js';
import type { Certificate } from '../support/certificates.js';
import { podsOf, type Container, type Manifest, type PodSpec } from './manifests.js';

/** What is looked for in everything that is rendered, because it may be in Secrets alone. */
export const SECRET = 'only-in-a-secret';
const MOUNTS = '/etc/vnf-migrator';

export interface SampleSecrets {
  folder: string;
  /** Of an authority. */
  ca: string;
  client: Certificate;
}

/** Problems of the settings of all containers; and settings that no program knows. */
export async function settingsFindings(
  manifests: readonly Manifest[],
  samples: SampleSecrets,
): Promise<string[]> {
  const findings: string[] = [];
  for (const { of, spec } of podsOf(manifests)) {
    for (const container of spec.containers) {
      const folder = join(samples.folder, of.replace('/', '-'));
      const environment = await environmentOf({ spec, container, folder, samples });
      const problems = settingsProblems(environment);
      findings.push(...problems.map((problem) => `${of}: ${problem}`));
    }
  }
  return findings;
}

function settingsProblems(environment: Record<string, string>): string[] {
  const unknown = Object.keys(environment).filter(
    (name) => !SETTING_NAMES.includes(name) && !/^(TEMPORAL|OTEL)_/.test(name),
  );
  try {
    loadConfig(environment);
    return unknown.map((name) => `${name}: no setting has this name`);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

interface Started {
  spec: PodSpec;
  container: Container;
  folder: string;
  samples: SampleSecrets;
}

async function environmentOf({ spec, container, folder, samples }: Started): Promise<Record<string, string>> {
  for (const { name, secret } of spec.volumes ?? []) {
    await mkdir(join(folder, name), { recursive: true });
    for (const { key, path } of secret?.items ?? [])
      await writeFile(join(folder, name, path), await contentOf(key, samples));
  }
  return Object.fromEntries(
    (container.env ?? []).map(({ name, value, valueFrom }) => [
      name,
      valueFrom === undefined
        ? (value ?? '').replaceAll(MOUNTS, folder)
        : name.endsWith('_URL')
          ? `http://user:${SECRET}@host:5000`
          : SECRET,
    ]),
  );
}

/** By the key: a sample of what the Secret has there. */
async function contentOf(key: string, { ca, client }: SampleSecrets): Promise<string> {
  switch (key) {
    case 'ca.crt':
      return readFile(ca, 'utf8');
    case 'tls.crt':
      return readFile(client.cert, 'utf8');
    case 'tls.key':
      return readFile(client.key, 'utf8');
    case 'keys':
      return `2026-11:${Buffer.alloc(32, 1).toString('base64')}\n`;
    case 'notify.yaml':
      return `ops:\n  url: https://ops.example/hooks\n  secret: whsec_${Buffer.alloc(32, 2).toString('base64')}\n`;
    case 'temporal.toml':
      return `[profile.production]\naddress = "temporal.example:7233"\napi_key = "${SECRET}"\n`;
    default:
      return `${SECRET}\n`;
  }
}
