/**
 * Spin: installed, and one run of it over the model.
 *
 * Invariant: a run that did not visit all states is an error, unless it found what breaks a claim. Nothing is hashed
 * away: no bitstate search, no hash compaction.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DevError } from '../../src/dev/errors.js';
import { findOnPath } from '../../src/dev/install/find-on-path.js';
import { runInstallStep, type Installer } from '../../src/dev/install/step.js';
import { Supervisor } from '../../src/dev/processes/supervisor.js';
import { CLAIMS, type Claim, type Goal, type Search } from './runs.js';

const execute = promisify(execFile);

const MODEL = fileURLToPath(new URL('migration.pml', import.meta.url));
const PROGRAMS = ['spin', 'gcc'] as const;
/** gcc compiles what spin writes. */
const PACKAGES = ['spin', 'gcc', 'libc6-dev'];
const APT_TIMEOUT_MS = 10 * 60_000;
/** Another apt-get may be at work. */
const WAIT_FOR_OTHERS = ['-o', 'DPkg::Lock::Timeout=300'];
const MEMORY_LIMIT_MB = 6_000;
const RUN_TIMEOUT_MS = 15 * 60_000;
const LARGEST_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface Checked {
  /** The claim that was broken first; null: all hold, in all states. */
  broken: Claim | 'always-ends' | null;
  states: number;
  depth: number;
  memoryMb: number;
  seconds: number;
  /** What happened, step by step; empty if nothing was broken. */
  trace: string[];
}

export async function installSpin(report: (line: string) => void): Promise<void> {
  if (missing().length === 0) return;
  const apt = findOnPath({ name: 'apt-get', env: process.env });
  const mayInstall = process.env['VNF_MIGRATOR_NO_INSTALL'] !== '1' && process.getuid?.() === 0;
  if (apt === null || !mayInstall)
    throw new DevError(`put ${missing().join(' and ')} on the PATH (Debian: apt-get install spin gcc)`);
  report(`${missing().join(' and ')} not found: installing ${PACKAGES.join(', ')} with apt-get`);
  const supervisor = await Supervisor.start('.vnf-migrator/model-install');
  const installer: Installer = { supervisor, env: process.env, report };
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const step = { installer, command: apt, env, timeoutMs: APT_TIMEOUT_MS };
  const args = [...WAIT_FOR_OTHERS, 'install', '-y', '--no-install-recommends', ...PACKAGES];
  try {
    await runInstallStep({ ...step, what: 'apt-get update', args: [...WAIT_FOR_OTHERS, 'update'] });
    await runInstallStep({ ...step, what: 'installing spin', args, letFinish: true });
  } finally {
    await supervisor.close();
  }
  if (missing().length > 0) throw new DevError(`installed, and not on the PATH: ${missing().join(', ')}`);
}

function missing(): string[] {
  return PROGRAMS.filter((name) => findOnPath({ name, env: process.env }) === null);
}

/** Not optimised: gcc takes longer to optimise what Spin writes than a search takes. */
const COMPILER: Record<Search, readonly string[]> = {
  all: ['-DSAFETY', '-DNOFAIR'],
  shortest: ['-DSAFETY', '-DBFS'],
  liveness: [],
};
const SEARCH: Record<Search, readonly string[]> = {
  all: ['-m1000000'],
  shortest: [],
  liveness: ['-m1000000', '-a', '-f'],
};

/** Checks the model under these macros. */
export async function check(
  macros: readonly string[],
  { search, only }: { search: Search; only: Claim | null },
): Promise<Checked> {
  const program = await compile(macros, { search, only });
  const { stdout } = await execute('./pan', ['-w24', ...SEARCH[search]], program.options);
  const broken = brokenIn(stdout);
  if (broken === null && !isComplete(stdout))
    throw new Error(`not all states were visited: see ${program.options.cwd}\n${stdout.slice(-2_000)}`);
  const trace = broken === null ? [] : await traceOf(program);
  return { ...figuresIn(stdout), broken, trace };
}

/** The goals that a state is found for. */
export async function reachableGoals(goals: readonly Goal[]): Promise<Set<number>> {
  const reached = new Set<number>();
  const programs = new Map<string, Program>();
  for (const { goal, macros } of goals) {
    const key = macros.join(' ');
    const program =
      programs.get(key) ?? (await compile(['GOALS', ...macros], { search: 'all', only: 'GOAL_REACHED' }));
    programs.set(key, program);
    const env = { ...process.env, GOAL: String(goal) };
    const { stdout } = await execute('./pan', ['-w24', ...SEARCH.all], { ...program.options, env });
    if (brokenIn(stdout) === 'GOAL_REACHED') reached.add(goal);
  }
  return reached;
}

interface Program {
  flags: readonly string[];
  options: { cwd: string; maxBuffer: number; timeout: number };
}

async function compile(
  macros: readonly string[],
  { search, only }: { search: Search; only: Claim | null },
): Promise<Program> {
  const defines = [...macros, ...(only === null ? [] : [`ONLY=${String(CLAIMS.indexOf(only) + 1)}`])];
  const flags = defines.map((macro) => `-D${macro}`);
  const cwd = resolve('.vnf-migrator/model', macros.join('+') || 'plain');
  await rm(cwd, { recursive: true, force: true });
  await mkdir(cwd, { recursive: true });
  await copyFile(MODEL, join(cwd, basename(MODEL)));
  const options = { cwd, maxBuffer: LARGEST_OUTPUT_BYTES, timeout: RUN_TIMEOUT_MS };
  await execute('spin', [...flags, '-a', basename(MODEL)], options);
  const args = ['-w', '-O0', '-DCOLLAPSE', `-DMEMLIM=${String(MEMORY_LIMIT_MB)}`, ...COMPILER[search]];
  await execute('gcc', [...args, '-o', 'pan', 'pan.c'], options);
  return { flags, options };
}

function isComplete(output: string): boolean {
  const isCut = /max search depth too small|Search not completed|out of memory|pan: reached -DMEMLIM/;
  return !isCut.test(output) && output.includes('errors: 0');
}

function brokenIn(output: string): Checked['broken'] {
  if (output.includes('acceptance cycle')) return 'always-ends';
  // The claim's number is the first but one in the text of the assertion: ((((0!=0)&&(0!=4))||(4<0))||…
  const number = /assertion violated \(+\d+!=0\)&&\(\d+!=(\d+)\)/.exec(output)?.[1];
  if (number === undefined) {
    if (output.includes('errors: 0')) return null;
    throw new Error(`an error that is no broken claim:\n${output.slice(0, 2_000)}`);
  }
  const claim = CLAIMS[Number(number) - 1];
  if (claim === undefined) throw new Error(`no claim has the number ${number}`);
  return claim;
}

function figuresIn(output: string): Pick<Checked, 'states' | 'depth' | 'memoryMb' | 'seconds'> {
  const figure = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  return {
    states: figure(/(\d+(?:\.\d+)?(?:e\+\d+)?) states, stored/),
    depth: figure(/depth reached (\d+)/),
    memoryMb: Math.round(figure(/([\d.]+)\s+total actual memory usage/)),
    seconds: figure(/elapsed time ([\d.]+) seconds/),
  };
}

/** The model's own lines of the counterexample. */
async function traceOf({ flags, options }: Program): Promise<string[]> {
  const args = [...flags, '-t', basename(MODEL)];
  const { stdout } = await execute('spin', args, options).catch((error: unknown) => {
    // Spin's exit code is 1 after a trail that ends in a broken assertion.
    if (error instanceof Error && 'stdout' in error) return { stdout: String(error.stdout) };
    throw error;
  });
  const line =
    /^\s*(?:workflow|worker|Temporal|broker|MANO|repository|listener|signal|caller|operator|somebody): /;
  return stdout
    .split('\n')
    .filter((text) => line.test(text))
    .map((text) => text.trim());
}
