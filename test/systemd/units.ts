/** The units of `deploy/systemd/`, as far as a test needs to understand them. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const UNITS_FOLDER = resolve('deploy/systemd');

/** The instances that are looked at, and the files of settings that each of them reads. */
export const SERVICES = [
  { name: 'vnf-migrator-worker@1.service', file: 'vnf-migrator-worker@.service', own: 'worker-1.env' },
  { name: 'vnf-migrator-listener@1.service', file: 'vnf-migrator-listener@.service', own: 'listener-1.env' },
  { name: 'vnf-migrator-console.service', file: 'vnf-migrator-console.service', own: 'console.env' },
] as const;

export type Service = (typeof SERVICES)[number];

/** The values of `[Service]`, in order. */
export async function serviceSection({ file }: Service): Promise<Map<string, string[]>> {
  const text = await readFile(join(UNITS_FOLDER, file), 'utf8');
  const [, section = ''] = /^\[Service\]\n([\s\S]*?)^\[/m.exec(text) ?? [];
  const values = new Map<string, string[]>();
  for (const [key, value] of assignments(section)) values.set(key, [...(values.get(key) ?? []), value]);
  return values;
}

/** The settings in an environment file. */
export async function settingsIn(name: string): Promise<Record<string, string>> {
  return Object.fromEntries(assignments(await readFile(join(UNITS_FOLDER, name), 'utf8')));
}

function assignments(text: string): [key: string, value: string][] {
  const lines = text.split('\n').filter((line) => /^\w+=/.test(line));
  return lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
}
