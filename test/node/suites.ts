/** What is run on each version of Node. Each suite says how many of its tests passed, and names those that did not. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/markdown.js';
import { ended } from '../package/command.js';
import type { NodeProgram } from './programs.js';

export interface Outcome {
  passed: number;
  /** The names of the tests, with why. */
  failed: string[];
}

export interface Suite {
  name: string;
  run: (node: NodeProgram) => Promise<Outcome>;
}

const UNIT_TIMEOUT_MS = 30 * 60_000;
const END_TO_END_TIMEOUT_MS = 30 * 60_000;
/** Speed is tested elsewhere: a machine that has much else to do says nothing about a version of Node. */
const PATIENT = ['--testTimeout=120000', '--hookTimeout=240000'];
const DEMO_TIMEOUT_MS = 15 * 60_000;

/** Of those that need servers: command line, worker, listener, console, and our workflows on a worker of one's own. */
const END_TO_END = ['end-to-end', 'cli', 'listener', 'console', 'library'].map(
  (name) => `test/integration/${name}.test.ts`,
);

export const SUITES: readonly Suite[] = [
  { name: 'entries', run: entries },
  { name: 'unit', run: vitest(['--project', 'unit', 'test/unit'], UNIT_TIMEOUT_MS) },
  { name: 'replay', run: vitest(['--project', 'unit', 'test/replay'], UNIT_TIMEOUT_MS) },
  { name: 'end to end', run: vitest(['--project', 'real', ...END_TO_END], END_TO_END_TIMEOUT_MS) },
  { name: 'demo', run: demo },
];

/** Every entry of the package, by `import` and by `require`. */
async function entries({ path, env }: NodeProgram): Promise<Outcome> {
  const { exports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { exports: object };
  const outcome: Outcome = { passed: 0, failed: [] };
  for (const entry of Object.keys(exports).map((name) => name.replace(/^\./, 'vnf-migrator')))
    for (const load of [`await import('${entry}')`, `require('${entry}')`]) {
      const format = load.startsWith('await') ? 'module' : 'commonjs';
      const command = [path, `--input-type=${format}`, '--eval', load];
      const { code, stderr } = await ended(command, { cwd: ROOT, timeoutMs: 60_000, env });
      if (code === 0) outcome.passed += 1;
      else outcome.failed.push(`${load}: ${stderr.trim()}`);
    }
  return outcome;
}

interface Report {
  numPassedTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

/** By the reporters of vitest.config.ts, one of which writes this file. */
const REPORT = join(ROOT, '.vnf-migrator', 'test-report.json');

function vitest(args: readonly string[], timeoutMs: number): Suite['run'] {
  return async ({ path, env }) => {
    await rm(REPORT, { force: true });
    const program = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const command = [path, program, 'run', ...args, ...PATIENT];
    const { code, stdout, stderr } = await ended(command, { cwd: ROOT, timeoutMs, env });
    const said = `vitest ended with ${String(code)}: ${(stdout + stderr).slice(-2_000)}`;
    const text = await readFile(REPORT, 'utf8').catch(() => null);
    if (text === null) return { passed: 0, failed: [said] };
    const report = JSON.parse(text) as Report;
    const failed = failedIn(report);
    return { passed: report.numPassedTests, failed: code !== 0 && failed.length === 0 ? [said] : failed };
  };
}

function failedIn({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = name.slice(ROOT.length);
    const failed = assertionResults.filter((result) => result.status === 'failed');
    if (failed.length > 0)
      return failed.map(
        ({ fullName, failureMessages }) => `${file}: ${fullName}: ${failureMessages.join('\n')}`,
      );
    return status === 'failed' ? [`${file}: ${message}`] : [];
  });
}

async function demo({ path, env }: NodeProgram): Promise<Outcome> {
  const command = [path, join(ROOT, 'dist', 'demo', 'main.js')];
  const { code, stdout, stderr } = await ended(command, { cwd: ROOT, timeoutMs: DEMO_TIMEOUT_MS, env });
  const [, passed = '0'] = /(\d+) of \d+ cases ended as expected/.exec(stdout) ?? [];
  const said = `the demo ended with ${String(code)}: ${(stdout + stderr).slice(-2_000)}`;
  return { passed: Number(passed), failed: code === 0 && passed !== '0' ? [] : [said] };
}
