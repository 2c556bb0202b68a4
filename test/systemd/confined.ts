/**
 * A unit's command under the unit's restrictions, without a running systemd: runc has what most of them are made of.
 *
 * The same: a user of its own, no capabilities, no new privileges, the filters of system calls and of address families, a
 * read-only file system with a /tmp of its own, /proc without other processes and without what is not of processes, few
 * devices, credentials as files. Left out: RestrictNamespaces, RestrictRealtime, RestrictSUIDSGID, LockPersonality and limits.
 */
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { NAMESPACES, NO_CAPABILITIES, readOnlyMount, secretMounts, type Runc } from '../support/runc.js';
import type { Container } from '../support/runc.js';
import { allowedCalls } from './analyze.js';
import { serviceSection, settingsIn, type Service } from './units.js';

/** The first number that DynamicUser=yes takes. */
const UID = 61_184;
const PREFIX = '/opt/vnf-migrator';
const FAMILIES: Readonly<Record<string, number>> = { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10, AF_NETLINK: 16 };
const EPERM = 1;
/** The PATH of systemd's services. */
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin';

export interface ConfinedOptions {
  service: Service;
  /** Where the package is installed, with its command in `bin`. */
  prefix: string;
  /** Stand in for what the examples of the environment files have. */
  settings: Record<string, string>;
  /** Content by the name of the credential. */
  credentials: Record<string, string>;
  /** In place of ExecStart's. */
  command?: readonly string[];
}

export async function startConfined(runc: Runc, options: ConfinedOptions): Promise<Container> {
  return await runc.start((bundle) => specification(bundle, options));
}

async function specification(bundle: string, options: ConfinedOptions): Promise<object> {
  const section = await serviceSection(options.service);
  const [execStart = ''] = section.get('ExecStart') ?? [];
  const folder = `/run/credentials/${options.service.name}`;
  const root = await emptyRoot(bundle);
  return {
    process: {
      ...{ user: { uid: UID, gid: UID }, capabilities: NO_CAPABILITIES, noNewPrivileges: true },
      args: [...(options.command ?? execStart.split(' '))],
      env: [PATH, ...(await environment(options, { section, folder }))],
      ...{ cwd: '/', terminal: false },
    },
    root: { path: root, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: procOptions(section) },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] },
      readOnlyMount('/usr', '/usr'),
      readOnlyMount('/etc', '/etc'),
      readOnlyMount(options.prefix, PREFIX),
      ...(await credentialMounts(bundle, { section, folder, credentials: options.credentials })),
    ],
    linux: { namespaces: NAMESPACES, seccomp: await seccomp(section) },
  };
}

function procOptions(section: Map<string, string[]>): string[] {
  const isSubset = section.get('ProcSubset')?.at(-1) === 'pid';
  const isInvisible = section.get('ProtectProc')?.at(-1) === 'invisible';
  return [...(isSubset ? ['subset=pid'] : []), ...(isInvisible ? ['hidepid=2'] : [])];
}

/** Of a system whose programs are all in /usr. */
async function emptyRoot(bundle: string): Promise<string> {
  const root = join(bundle, 'root');
  await mkdir(root);
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) await symlink(`usr/${name}`, join(root, name));
  return root;
}

/** As systemd: the unit's own first, then each file. */
async function environment(
  { service, settings }: ConfinedOptions,
  { section, folder }: { section: Map<string, string[]>; folder: string },
): Promise<string[]> {
  const own = (section.get('Environment') ?? []).map((line) => line.replace('%d', folder));
  const files = { ...(await settingsIn('settings.env')), ...(await settingsIn(service.own)), ...settings };
  return [...own, ...Object.entries(files).map(([key, value]) => `${key}=${value}`)];
}

interface CredentialOptions {
  section: Map<string, string[]>;
  folder: string;
  credentials: Record<string, string>;
}

async function credentialMounts(
  bundle: string,
  { section, folder, credentials }: CredentialOptions,
): Promise<object[]> {
  const names = (section.get('LoadCredential') ?? []).map((line) => line.split(':')[0]!);
  const files = names.map((name) => {
    const content = credentials[name];
    if (content === undefined) throw new Error(`there is no credential ${name}`);
    return { path: `${folder}/${name}`, content, uid: UID, gid: UID };
  });
  return await secretMounts(bundle, files);
}

async function seccomp(section: Map<string, string[]>): Promise<object> {
  const calls = await allowedCalls(section.get('SystemCallFilter') ?? []);
  const families = (section.get('RestrictAddressFamilies') ?? []).flatMap((line) => line.split(' '));
  return {
    ...{ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: EPERM },
    syscalls: [
      { names: calls.filter((name) => name !== 'socket'), action: 'SCMP_ACT_ALLOW' },
      ...families.map((family) => ({
        ...{ names: ['socket'], action: 'SCMP_ACT_ALLOW' },
        args: [{ index: 0, value: FAMILIES[family], op: 'SCMP_CMP_EQ' }],
      })),
    ],
  };
}
