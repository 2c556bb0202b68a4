/**
 * `npm run chaos` prints the accounting of a run, and the seed that repeats the run. The exit code is 1 on any
 * violation.
 */
import { chaosOptions, HELP, type ChaosOptions } from './options.js';
import { runChaos } from './run.js';

async function main(options: ChaosOptions): Promise<void> {
  const { violations, kills, ...counts } = await runChaos(options, (line) => console.error(line));
  const killed = Object.entries(kills).map(([what, times]) => `${what} ${String(times)} times`);
  if (options.json) console.log(JSON.stringify({ ...options, kills, ...counts, violations }));
  else {
    console.table(counts);
    console.log(`killed: ${killed.join(', ')}; seed ${options.seed}`);
  }
  for (const violation of violations.slice(0, 50)) console.error(violation);
  process.exitCode = violations.length === 0 ? 0 : 1;
}

try {
  const options = chaosOptions(process.argv.slice(2));
  if (options === 'help') console.log(HELP);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
