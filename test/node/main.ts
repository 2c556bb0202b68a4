/**
 * `npm run test:node` runs the entries of the package, the tests of units, the replay of recorded histories, tests from end
 * to end and the demo on each supported version of Node. The exit code is 1 if a test fails on one of them.
 *
 * `-- --major 24` runs one version alone.
 */
import { parseArgs } from 'node:util';
import { nodeProgram, VERSIONS } from './programs.js';
import { SUITES } from './suites.js';

const report = (line: string): void => console.error(line);

interface Row {
  node: string;
  suite: string;
  passed: number;
  failed: number;
  seconds: number;
}

async function runOn(version: string): Promise<Row[]> {
  const program = await nodeProgram(version, report);
  const rows: Row[] = [];
  for (const { name, run } of SUITES) {
    report(`Node ${version}: ${name} ...`);
    const startedAtMs = Date.now();
    const { passed, failed } = await run(program);
    const seconds = Math.round((Date.now() - startedAtMs) / 1_000);
    report(`Node ${version}: ${name}: ${passed} passed, ${failed.length} failed, ${seconds} s`);
    for (const test of failed) report(`Node ${version}: ${name}: failed: ${test}`);
    rows.push({ node: version, suite: name, passed, failed: failed.length, seconds });
  }
  return rows;
}

function print(rows: readonly Row[]): void {
  const cells = rows.map((row) => Object.values(row).map(String));
  const table = [['node', 'suite', 'passed', 'failed', 'seconds'], ...cells];
  for (const row of table)
    console.log(
      row
        .map((cell) => cell.padEnd(12))
        .join('')
        .trimEnd(),
    );
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { major: { type: 'string' } } });
  const versions = VERSIONS.filter((version) => !values.major || version.startsWith(`${values.major}.`));
  if (versions.length === 0)
    throw new Error(`--major is one of ${VERSIONS.map((v) => v.slice(0, 2)).join(', ')}`);
  const rows: Row[] = [];
  for (const version of versions) rows.push(...(await runOn(version)));
  print(rows);
  process.exitCode = rows.every(({ passed, failed }) => passed > 0 && failed === 0) ? 0 : 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
