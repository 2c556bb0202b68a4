/**
 * `npm run test:traces` runs migrations with traces against a real OpenTelemetry Collector and checks what it has got. Then
 * it compares migrations a second with and without traces. The exit code is 1 if anything is not as it should be.
 */
import { installCollector } from './collector.js';
import { CHECKS } from './checks.js';
import { HELP, tracesOptions, type TracesOptions } from './options.js';
import { TracesStage } from './stage.js';
import { throughputWithTraces } from './throughput.js';

const report = (line: string): void => console.error(line);

async function checkTraces(command: string): Promise<number> {
  const stage = await TracesStage.set(command, report);
  let failed = 0;
  try {
    for (const { what, run } of CHECKS) {
      const startedAtMs = Date.now();
      const complaints = await run(stage).catch((error: unknown) => [
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      ]);
      const seconds = ((Date.now() - startedAtMs) / 1_000).toFixed(1);
      console.log(`${complaints.length === 0 ? 'ok    ' : 'FAILED'} ${what} (${seconds} s)`);
      for (const complaint of complaints.slice(0, 20)) console.log(`       ${complaint}`);
      if (complaints.length > 0) failed += 1;
    }
    const spans = await stage.collector.spans();
    console.log(`${spans.length} spans in ${new Set(spans.map(({ traceId }) => traceId)).size} traces`);
  } finally {
    await stage.stop();
  }
  return failed;
}

async function main({ pairs, migrations, onlyThroughput }: TracesOptions): Promise<void> {
  const command = await installCollector(report);
  const failed = onlyThroughput ? 0 : await checkTraces(command);
  let isFastEnough = true;
  if (pairs > 0) {
    const { figure, cpuSeconds, spansAMigration } = await throughputWithTraces({
      command,
      pairs,
      migrations,
      report,
    });
    const { ours, reference, ratio, isMet } = figure;
    isFastEnough = isMet === true;
    console.log(
      `${figure.what}: ${ours.toFixed(1)} a second with traces, ${reference?.value.toFixed(1)} without; ` +
        `ratio ${ratio?.median.toFixed(2)} (${ratio?.least.toFixed(2)} … ${ratio?.most.toFixed(2)}) of ${pairs} pairs, ` +
        `goal at least 0.9: ${isFastEnough ? 'met' : 'MISSED'}; ${spansAMigration.toFixed(1)} spans a migration`,
    );
    console.log(
      `CPU of the worker, a round: ${cpuSeconds.ours.toFixed(2)} s with traces, ${cpuSeconds.reference?.value.toFixed(2)} s without; ` +
        `ratio ${cpuSeconds.ratio?.median.toFixed(2)} (${cpuSeconds.ratio?.least.toFixed(2)} … ${cpuSeconds.ratio?.most.toFixed(2)})`,
    );
  }
  console.log(failed === 0 && isFastEnough ? 'all is well' : `${failed} checks failed`);
  process.exitCode = failed === 0 && isFastEnough ? 0 : 1;
}

try {
  const options = tracesOptions(process.argv.slice(2));
  if (options === 'help') console.log(HELP);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 2;
}
