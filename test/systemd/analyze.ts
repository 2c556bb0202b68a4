/** What systemd itself says of the units: whether they are right, how exposed they are, and what its sets of system calls hold. */
import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { output } from '../support/debian-packages.js';
import { SERVICES, UNITS_FOLDER, type Service } from './units.js';

const execute = promisify(execFile);

/** Of 100. What is left: the network, any address, and the real-time clock's device. */
export const MOST_EXPOSURE = 15;
/** Where systemd has its own units. */
const SYSTEM_UNITS = '/usr/lib/systemd/system';

/** Puts our units into a root file system, beside systemd's own. */
export async function installUnits(root: string): Promise<void> {
  const folder = join(root, 'etc/systemd/system');
  await mkdir(folder, { recursive: true });
  await cp(SYSTEM_UNITS, join(root, SYSTEM_UNITS), { recursive: true, verbatimSymlinks: true });
  for (const { file } of SERVICES) await cp(join(UNITS_FOLDER, file), join(folder, file));
}

/** Everything that `systemd-analyze verify` prints is a finding. */
export async function verify(root: string): Promise<string[]> {
  const names = SERVICES.map(({ name }) => name);
  const { text } = await analyze(['verify', '--man=no', `--root=${root}`, ...names]);
  return text.split('\n').filter((line) => line !== '');
}

/** Such as 1.3. Above the limit it is a finding. */
export async function exposure(
  root: string,
  { name }: Service,
): Promise<{ level: string; findings: string[] }> {
  const options = ['--offline=yes', '--no-pager', `--root=${root}`, `--threshold=${String(MOST_EXPOSURE)}`];
  const { code, text } = await analyze(['security', ...options, name]);
  const [, level] = /Overall exposure level for \S+: ([\d.]+)/.exec(text) ?? [];
  if (level === undefined) return { level: 'unknown', findings: [`${name}: ${text}`] };
  const limit = (MOST_EXPOSURE / 10).toFixed(1);
  return { level, findings: code === 0 ? [] : [`${name}: its exposure is ${level}, above ${limit}`] };
}

/** The system calls that the lines of `SystemCallFilter=` allow, with the sets that systemd has. */
export async function allowedCalls(filters: readonly string[]): Promise<string[]> {
  const sets = setsIn(await output('systemd-analyze', ['syscall-filter']));
  const expand = (name: string): string[] =>
    name.startsWith('@') ? (sets.get(name) ?? []).flatMap(expand) : [name];
  // Always allowed with a list of what is allowed.
  const allowed = new Set(expand('@default'));
  for (const filter of filters) {
    const calls = filter.replace(/^~/, '').split(' ').flatMap(expand);
    for (const call of calls)
      if (filter.startsWith('~')) allowed.delete(call);
      else allowed.add(call);
  }
  return [...allowed];
}

function setsIn(text: string): Map<string, string[]> {
  const sets = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('@')) sets.set(line.trim(), (current = []));
    else if (/^\s+[@\w]/.test(line)) current.push(line.trim());
  }
  return sets;
}

async function analyze(args: readonly string[]): Promise<{ code: number; text: string }> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', SYSTEMD_COLORS: '0' };
  try {
    const { stdout, stderr } = await execute('systemd-analyze', [...args], { env });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    if (typeof code !== 'number') throw error;
    return { code, text: stdout + stderr };
  }
}
