/**
 * `npm run verify:model` checks the model of a migration with Spin (docs/model.md): the claims over all states, that each
 * guard and each assumption is needed, and that the states of interest are reached. The exit code is 1 if any of it is
 * otherwise.
 */
import { parseArgs } from 'node:util';
import { BROKEN_GUARDS, GOALS, HOLDS, WITHOUT, type Breaks, type Holds } from './runs.js';
import { check, installSpin, reachableGoals, type Checked } from './spin.js';

const HELP = `npm run verify:model -- [--part holds|guards|assumptions|goals]

Checks the model in test/model/migration.pml. Exit code 1: a claim is broken, or a guard is not needed; 2: the run itself failed.`;
const PARTS = ['holds', 'guards', 'assumptions', 'goals'] as const;

/** What docs/model.md says at length. */
const ABSTRACTED = [
  'one VNF, two requests and two probes over all runs of one workflow id, one MANO, transport bus',
  'time is a choice; what a pause must outlast is an assumption',
  'replies are lost, late, doubled, and in any order; messages to the MANO are lost or late, and in order',
  'the records have four states: at home, on the target, a copy on the target, moved',
  'another workflow of the service locks it, and changes nothing',
];

class Summary {
  readonly wrong: string[] = [];
  checked = 0;
  largest: Checked = { broken: null, states: 0, depth: 0, memoryMb: 0, seconds: 0, trace: [] };

  note({ name, problem }: { name: string; problem: string | null }): void {
    this.checked += 1;
    if (problem === null) return;
    this.wrong.push(`${name}: ${problem}`);
    console.log(`  WRONG: ${problem}`);
  }

  weigh(checked: Checked): void {
    if (checked.states > this.largest.states) this.largest = checked;
  }
}

function nameOf(macros: readonly string[]): string {
  return macros.length === 0 ? 'plain' : macros.join(' ');
}

function figures({ states, depth, memoryMb, seconds }: Checked): string {
  return `${states} states, depth ${depth}, ${memoryMb} MB, ${seconds} s`;
}

function show({ trace }: Checked): void {
  for (const line of trace) console.log(`    ${line}`);
}

async function checkHolds({ macros, search, what }: Holds, summary: Summary): Promise<void> {
  const name = nameOf(macros);
  console.log(`${name}: ${what}`);
  const checked = await check(macros, { search, only: null });
  summary.weigh(checked);
  console.log(`  ${checked.broken === null ? 'holds' : `broken: ${checked.broken}`}; ${figures(checked)}`);
  show(checked);
  summary.note({ name, problem: checked.broken === null ? null : `${checked.broken} does not hold` });
}

async function checkBreaks({ macros, claim, what }: Breaks, summary: Summary): Promise<void> {
  const name = nameOf(macros);
  console.log(`${name}: ${what}`);
  const checked = await check(macros, { search: 'shortest', only: claim });
  console.log(`  breaks ${checked.broken ?? 'nothing'}; ${figures(checked)}`);
  show(checked);
  summary.note({ name, problem: checked.broken === claim ? null : `does not break ${claim}` });
}

async function checkGoals(summary: Summary): Promise<void> {
  console.log('goals: the states of interest are reached');
  const reached = await reachableGoals(GOALS);
  for (const { goal, macros, what } of GOALS) {
    const isReached = reached.has(goal);
    console.log(`  ${what}: ${isReached ? 'reached' : 'not reached'}`);
    const name = `goal ${String(goal)} ${nameOf(macros)}`;
    summary.note({ name, problem: isReached ? null : `"${what}" is not reached` });
  }
}

async function main(part: (typeof PARTS)[number] | null): Promise<void> {
  const isWanted = (name: (typeof PARTS)[number]): boolean => part === null || part === name;
  const startedAtMs = Date.now();
  const summary = new Summary();
  await installSpin((line) => console.error(line));
  console.log(`The model leaves out (docs/model.md):\n${ABSTRACTED.map((line) => `  ${line}`).join('\n')}`);
  // The short ones first.
  if (isWanted('goals')) await checkGoals(summary);
  for (const run of isWanted('guards') ? BROKEN_GUARDS : []) await checkBreaks(run, summary);
  for (const run of isWanted('assumptions') ? WITHOUT : []) await checkBreaks(run, summary);
  for (const run of isWanted('holds') ? HOLDS : []) await checkHolds(run, summary);
  const minutes = ((Date.now() - startedAtMs) / 60_000).toFixed(1);
  const { checked, wrong, largest } = summary;
  console.log(
    `${checked} checks, ${wrong.length} wrong; largest: ${figures(largest)}; ${minutes} minutes in all`,
  );
  for (const line of wrong) console.log(line);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

try {
  const { values } = parseArgs({
    options: { part: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  const part = PARTS.find((name) => name === values.part) ?? null;
  if (values.part !== undefined && part === null) throw new Error(`--part: one of ${PARTS.join(', ')}`);
  if (values.help) console.log(HELP);
  else await main(part);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
