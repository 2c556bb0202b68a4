/**
 * `npm run test:fuzz` fuzzes the console's API against its description, while Temporal, a broker, a worker and the simulated
 * MANO are up. The exit code is 1 on any finding: an answer that is not described, a 5xx, wrong data that is taken, a token or
 * an error in the console's log, or a console that does not work afterwards.
 */
import { readFile } from 'node:fs/promises';
import { describeKnown } from './description.js';
import { fuzzOptions, HELP, type FuzzOptions } from './options.js';
import { installSchemathesis, runSchemathesis } from './schemathesis.js';
import { FuzzStage } from './stage.js';
import { lookAtStreams } from './streams.js';

const MOST_SHOWN = 20_000;
/** Of pino. With everything up, a 5xx of any kind is logged as one. */
const ERROR = 50;

async function main(options: FuzzOptions): Promise<void> {
  const report = (line: string): void => console.error(line);
  const command = await installSchemathesis(report);
  const startedAtMs = Date.now();
  const stage = await FuzzStage.set(report);
  try {
    const known = await stage.fill();
    const description = describeKnown(await stage.caller.get('openapi.json'), known);
    report(`fuzzing ${stage.caller.url}, seed ${String(options.seed)}`);
    const { url } = stage.caller;
    const { directory, tokens } = stage;
    const fuzzed = await runSchemathesis(command, { ...options, url, directory, description, tokens });
    if (!fuzzed.hasPassed) report(fuzzed.output.slice(-MOST_SHOWN));
    const ended = { campaigns: 'ended', migrations: known.migrations[0] ?? '' };
    const findings = [
      ...(fuzzed.hasPassed ? [] : [`schemathesis: ${fuzzed.cases}`]),
      ...(await lookAtStreams(stage.caller, ended)),
      ...(await stage.isWell().then(
        () => [],
        (error: unknown) => [String(error)],
      )),
      ...findingsIn(await readFile(stage.logFile, 'utf8'), tokens),
    ];
    const seconds = Math.round((Date.now() - startedAtMs) / 1_000);
    const figures = { seed: options.seed, examples: options.examples, cases: fuzzed.cases, seconds };
    if (options.json) console.log(JSON.stringify({ ...figures, findings }));
    else
      console.log(
        `${findings.length} findings; ${fuzzed.cases}; seed ${options.seed}, ${options.examples} examples, ${seconds} s`,
      );
    for (const finding of findings.slice(0, 50)) console.error(finding);
    process.exitCode = findings.length === 0 ? 0 : 1;
  } finally {
    await stage.stop();
  }
}

/** No token, no error, and nothing that is no log line but the address. */
function findingsIn(log: string, tokens: readonly string[]): string[] {
  const lines = log.split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    if (tokens.some((token) => line.includes(token))) return ['a token is in the log of the console'];
    if (/^http:\S+$/.test(line)) return [];
    const level = line.startsWith('{') ? (JSON.parse(line) as { level: number }).level : ERROR;
    return level >= ERROR ? [`in the log of the console: ${line.slice(0, 2_000)}`] : [];
  });
}

try {
  const options = fuzzOptions(process.argv.slice(2));
  if (options === 'help') console.log(HELP);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
