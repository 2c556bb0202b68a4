/** The tools that the examples need in addition to Node, installed into the project's own folder. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const installed = `${root}.vnf-migrator/examples`;

export interface Way {
  /** As `npm run test:examples` shows it. */
  name: string;
  command: string;
  args: string[];
}

export interface Toolchain {
  ways: Way[];
  /** Installs and builds what they need. */
  prepare: () => Promise<void>;
}

async function isThere(command: string, args: string[]): Promise<boolean> {
  return await execute(command, args).then(
    () => true,
    () => false,
  );
}

async function python(): Promise<Toolchain | null> {
  if (!(await isThere('python3', ['-c', 'import venv, sys; assert sys.version_info >= (3, 10)'])))
    return null;
  const folder = `${root}examples/python`;
  const environment = `${installed}/python`;
  const way = (script: string): Way => ({
    name: `Python, ${script}`,
    command: `${environment}/bin/python`,
    args: [`${folder}/${script}.py`],
  });
  const prepare = async (): Promise<void> => {
    await execute('python3', ['-m', 'venv', environment]);
    await execute(`${environment}/bin/pip`, ['install', '--quiet', '-r', `${folder}/requirements.txt`]);
  };
  return { ways: [way('child'), way('client')], prepare };
}

async function go(): Promise<Toolchain | null> {
  if (!(await isThere('go', ['version']))) return null;
  const binary = `${installed}/go`;
  const way = (subcommand: string): Way => ({
    name: `Go, ${subcommand}`,
    command: binary,
    args: [subcommand],
  });
  const prepare = async (): Promise<void> => {
    await execute('go', ['vet', '.'], { cwd: `${root}examples/go` });
    await execute('go', ['build', '-o', binary, '.'], { cwd: `${root}examples/go` });
  };
  return { ways: [way('child'), way('client')], prepare };
}

const typescript: Toolchain = {
  ways: [
    {
      name: 'TypeScript, child',
      command: process.execPath,
      args: ['--import', 'tsx', `${root}examples/typescript/main.ts`, 'child'],
    },
  ],
  prepare: () => Promise.resolve(),
};

/** Those whose compiler or interpreter is on this machine. */
export async function toolchains(): Promise<{ present: Toolchain[]; missing: string[] }> {
  const found = { 'Python 3.10 or later': await python(), Go: await go(), TypeScript: typescript };
  const entries = Object.entries(found);
  return {
    present: entries.flatMap(([, toolchain]) => toolchain ?? []),
    missing: entries.filter(([, toolchain]) => toolchain === null).map(([name]) => name),
  };
}
