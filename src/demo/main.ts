/**
 * `npm run demo` shows the main purpose of the tool on a new machine. It migrates one VNF step by step, then ten
 * simultaneously, some of which cannot succeed, and then empties a VIM. The exit code is 0 only if every case ended
 * as expected.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CampaignClient } from '../client/campaign-client.js';
import { connectClient } from '../client/connect.js';
import type { Ending } from '../client/migration-outcome.js';
import { MigrationClient } from '../client/migration-client.js';
import { humanDuration, printLine, table } from '../cli/output/print.js';
import { follow, endingLineOf } from '../cli/follow/migration.js';
import { untilSignalled } from '../cli/follow/signals.js';
import { loadConfig } from '../settings/config.js';
import { DevError } from '../dev/errors.js';
import { playCampaign } from './campaign.js';
import { demoCampaign, demoWorld, firstCase, tenCases, type DemoCampaign, type DemoCase } from './cases.js';
import { setStage, type Stage } from './stage.js';

const HELP = `npm run demo -- [--keep] [--directory <folder>] [--no-install]

  --keep         leave everything up until Ctrl-C, and print the addresses
  --directory    where data and logs go (default .vnf-migrator/demo)
  --no-install   do not download, build or install what is missing`;

interface DemoResult {
  demoCase: DemoCase;
  workflowId: string;
  ending: Ending;
  tookMs: number;
}

async function demo(): Promise<void> {
  const { values } = parseArgs({
    options: {
      keep: { type: 'boolean', default: false },
      directory: { type: 'string', default: '.vnf-migrator/demo' },
      'no-install': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    printLine(HELP);
    return;
  }
  const signal = untilSignalled();
  const seed = `demo-${Date.now()}`;
  const world = demoWorld(seed);
  const ten = tenCases(world);
  const campaign = demoCampaign(world);
  heading('Setting the stage');
  const stage = await setStage({
    directory: values.directory,
    install: !values['no-install'] && process.env['VNF_MIGRATOR_NO_INSTALL'] !== '1',
    world,
    rules: [...ten, campaign].flatMap(({ rules }) => rules),
    withConsole: values.keep,
    report: printLine,
    signal,
  });
  try {
    const { results, asExpected } = await play(stage, {
      first: firstCase(world),
      ten,
      campaign,
      seed,
      signal,
    });
    if (!asExpected) process.exitCode = 1;
    printWhereToLook(stage, { results, keep: values.keep });
    if (values.keep && !signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
  } finally {
    await stage.stop();
  }
}

interface Play {
  first: DemoCase;
  ten: DemoCase[];
  campaign: DemoCampaign;
  seed: string;
  signal: AbortSignal;
}

async function play(
  stage: Stage,
  { first, ten, campaign, seed, signal }: Play,
): Promise<{ results: DemoResult[]; asExpected: boolean }> {
  const config = loadConfig(stage.environment);
  const client = await connectClient(config);
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new DevError('interrupted')));
  });
  interrupted.catch(() => undefined);
  try {
    const migrations = new MigrationClient({ client, taskQueue: config.temporal.taskQueue });
    heading('One VNF, step by step');
    const one = await Promise.race([
      migrateOne(migrations, { demoCase: first, tell: printLine }),
      interrupted,
    ]);
    heading('Ten at once, some of which cannot succeed');
    const all = ten.map(async (demoCase) => {
      const result = await migrateOne(migrations, { demoCase, tell: () => undefined });
      printLine(`${demoCase.title}: ${endingLineOf(result.ending).line}`);
      return result;
    });
    const results = [one, ...(await Promise.race([Promise.all(all), interrupted]))];
    const tenWent = printResults(results);
    heading('A campaign empties a VIM of twenty VNFs, one of which cannot succeed');
    const campaigns = new CampaignClient({ client, taskQueue: config.temporal.taskQueue });
    const file = join(stage.logs, 'campaign.html');
    const played = playCampaign(campaigns, { campaign, name: seed, file, signal });
    const campaignWent = await Promise.race([played, interrupted]);
    return { results, asExpected: tenWent && campaignWent };
  } finally {
    await client.connection.close();
  }
}

async function migrateOne(
  migrations: MigrationClient,
  { demoCase, tell }: { demoCase: DemoCase; tell: (line: string) => void },
): Promise<DemoResult> {
  const startedAtMs = Date.now();
  const { workflowId } = await migrations.start(demoCase.input);
  tell(`${workflowId} started`);
  const ending = await follow(migrations, { workflowId, tell });
  tell(endingLineOf(ending).line);
  return { demoCase, workflowId, ending, tookMs: Date.now() - startedAtMs };
}

/** Returns true if all cases ended as expected. */
function printResults(results: readonly DemoResult[]): boolean {
  heading('Results');
  const rows = results.map(({ demoCase, ending, tookMs }) => {
    const got = outcomeOf(ending);
    return [
      demoCase.title,
      demoCase.expected,
      got === demoCase.expected ? got : `${got}  <-- not as expected`,
      ending.kind === 'result' ? ending.result.evidence : '',
      String(attemptsOf(ending)),
      humanDuration(tookMs),
    ];
  });
  for (const line of table(['case', 'expected', 'outcome', 'evidence', 'requests', 'took'], rows))
    printLine(line);
  const asExpected = results.filter(({ demoCase, ending }) => outcomeOf(ending) === demoCase.expected).length;
  printLine(`\n${asExpected} of ${results.length} cases ended as expected`);
  return asExpected === results.length;
}

function outcomeOf(ending: Ending): string {
  return ending.kind === 'result' ? ending.result.outcome : (ending.error.type ?? ending.error.message);
}

function attemptsOf(ending: Ending): number {
  return (ending.kind === 'result' ? ending.result.attempts : (ending.error.state?.attempts ?? [])).length;
}

function printWhereToLook(
  { stack, environment, logs, console }: Stage,
  { results, keep }: { results: readonly DemoResult[]; keep: boolean },
): void {
  heading('Where to look next');
  printLine(`logs of the worker and of the simulated MANO: ${logs}`);
  if (!keep) {
    printLine('npm run demo -- --keep      leaves everything up to look at, until Ctrl-C');
    printLine('README.md                   how to use it with a MANO of yours');
    return;
  }
  if (console !== null) {
    printLine(`The console:    ${console.url}`);
    printLine(`  log in with   ${console.token}`);
  }
  if (stack.temporalUiUrl !== null) printLine(`Temporal's UI:  ${stack.temporalUiUrl}`);
  if (stack.managementUrl !== null) printLine(`RabbitMQ's UI:  ${stack.managementUrl} (guest, guest)`);
  printLine('In another terminal:');
  for (const [name, value] of Object.entries(environment)) printLine(`  export ${name}=${value}`);
  printLine('  npx vnf-migrator doctor');
  printLine('  npx vnf-migrator list');
  printLine('  npx vnf-migrator campaign list');
  printLine(`  npx vnf-migrator status ${results[0]?.workflowId ?? ''}`);
  printLine('Ctrl-C stops everything.');
}

function heading(text: string): void {
  printLine(`\n== ${text}\n`);
}

try {
  await demo();
} catch (error) {
  if (!(error instanceof DevError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
