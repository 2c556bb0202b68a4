/**
 * `npm run console:streams` measures what those who watch a campaign cost it: campaigns that many watch against campaigns that
 * nobody watches, in turns, and then one that one watches. The exit code is 1 if the watched ones take more than 1.05 times
 * as long, or if a watcher misses the end.
 *
 * What Temporal is asked is counted by Temporal itself.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectClient } from '../../src/client/connect.js';
import { loadConfig } from '../../src/settings/config.js';
import type { migrationCampaign } from '../../src/workflows/index.js';
import { inputOf, sceneOf } from '../campaign/scene.js';
import { ScaleStage } from '../campaign/stage.js';
import { consoleLogin, startConsole } from '../support/console-process.js';
import { LongRun } from '../support/long-run.js';
import { HELP, streamsOptions, type StreamsOptions } from './options.js';
import type { Watched, Watching } from './watchers.js';

const MOST = 1.05;
/** So that the quota of one does not hold back the pages of all. */
const LOGINS = 50;
const WATCHERS = fileURLToPath(new URL('./watchers.ts', import.meta.url));

/** Counts are given out once a second. */
const METRICS_LAG_MS = 2_000;

type Way = 'plain' | 'watched' | 'one';

interface Round extends Partial<Watched> {
  way: Way;
  seconds: number;
  /** Of the workflow, a minute. */
  queries: number;
  /** Of Temporal, a minute: which campaigns there are and whether they run. */
  describes: number;
  /** Of Temporal and the workers: on a machine that others use, too, it says more than the time. */
  cpuSeconds: number;
  consoleCpuSeconds: number;
  consoleMiB: number;
}

/** The first warms up; then each pair in turns, so that a server that grows slower slows both. */
function waysOf(pairs: number): Way[] {
  const inTurns = Array.from({ length: pairs }, (_, nth): Way[] =>
    nth % 2 === 0 ? ['plain', 'watched'] : ['watched', 'plain'],
  );
  return ['plain', ...inTurns.flat(), 'one'];
}

async function main(options: StreamsOptions): Promise<void> {
  const report = (line: string): void => console.error(line);
  const ways = waysOf(options.pairs);
  const scale = {
    ...options,
    ...{
      perVim: options.total,
      killWorkerEveryMs: 0,
      sharedServices: false,
      repository: false,
      overhead: false,
    },
  };
  const scene = sceneOf(scale, ways.length);
  const run = await LongRun.begin('console-streams', { persistent: false, report });
  try {
    const stage = await ScaleStage.on(run, { options: scale, world: scene.world });
    const config = loadConfig(stage.environment);
    const client = await connectClient(config);
    const names = Array.from({ length: LOGINS }, (_, index) => `watcher-${index}`);
    const { settings, tokens } = await consoleLogin(run.directory, names);
    const server = await startConsole(run, { ...stage.environment, ...settings, LOG_LEVEL: 'warn' });
    const metrics = await metricsOf(run);
    const rounds: Round[] = [];
    for (const [nth, way] of ways.entries()) {
      const [batch = []] = scene.batches.slice(nth);
      const name = `streams-${nth}`;
      await delay(METRICS_LAG_MS);
      const pids = [...run.workerPids, ...(run.stack.temporal === null ? [] : [run.stack.temporal.pid])];
      const spent = async (): Promise<{ others: number; console: number }> => ({
        others: await cpuSecondsOf(pids),
        console: await cpuSecondsOf([server.pid]),
      });
      const before = { ...(await metrics()), ...(await spent()) };
      const startedAtMs = Date.now();
      const handle = await client.workflow.start<typeof migrationCampaign>('migrationCampaign', {
        workflowId: `vnf-campaign/${name}`,
        taskQueue: config.temporal.taskQueue,
        args: [inputOf(batch, { options: scale, targets: scene.targets })],
      });
      const watchers = { plain: 0, one: 1, watched: options.watchers }[way];
      const watching = watchers === 0 ? null : watch(run, { url: server.url, name, tokens, watchers });
      const { state } = await handle.result();
      if (state !== 'COMPLETED') throw new Error(`the campaign ended ${state}`);
      const seconds = (Date.now() - startedAtMs) / 1_000;
      const after = { ...(await metrics()), ...(await spent()) };
      const aMinute = (calls: number): number => Math.round((calls / seconds) * 60);
      const round: Round = {
        ...{ way, seconds, queries: aMinute(after.queries - before.queries) },
        describes: aMinute(after.describes - before.describes),
        ...rounded({
          cpuSeconds: after.others - before.others,
          consoleCpuSeconds: after.console - before.console,
        }),
        ...((await watching) ?? {}),
        consoleMiB: await mebibytesOf(server.pid),
      };
      report(JSON.stringify(round));
      if (nth > 0) rounds.push(round);
    }
    await client.connection.close();
    tell(rounds, options);
  } finally {
    await run.stop();
  }
}

async function watch(run: LongRun, watching: Watching): Promise<Watched> {
  const { exited, logFile } = await run.spawn(`watchers-${watching.name}`, {
    args: ['--import', 'tsx', WATCHERS],
    env: { WATCHING: JSON.stringify(watching) },
  });
  await exited;
  const [line = ''] = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-1);
  return JSON.parse(line) as Watched;
}

/** Of the server, which says at its start where they are. */
async function metricsOf(run: LongRun): Promise<() => Promise<{ queries: number; describes: number }>> {
  const log = await readFile(join(run.directory, 'stack', 'temporal', 'temporal.log'), 'utf8');
  const [, address] = /Metrics:\s+(\S+)/.exec(log) ?? [];
  if (address === undefined) throw new Error(`Temporal does not say where its metrics are: ${log}`);
  return async () => {
    const lines = (await (await fetch(address)).text()).split('\n');
    const countOf = (operation: string): number =>
      lines
        .filter((line) => line.startsWith('service_requests{') && line.includes('service_name="frontend"'))
        .filter((line) => line.includes(`operation="${operation}"`))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    return { queries: countOf('QueryWorkflow'), describes: countOf('DescribeWorkflowExecution') };
  };
}

/** As the kernel of Linux counts it. */
async function cpuSecondsOf(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/stat`, 'utf8');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return Number(fields[UTIME]) + Number(fields[UTIME + 1]);
    }),
  );
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_A_SECOND;
}

/** Behind the name of the process. */
const UTIME = 11;
const TICKS_A_SECOND = 100;

function rounded<Figures extends Record<string, number>>(figures: Figures): Figures {
  const entries = Object.entries(figures).map(([name, value]) => [name, Math.round(value * 100) / 100]);
  return Object.fromEntries(entries) as Figures;
}

/** The most that was ever resident. */
async function mebibytesOf(pid: number): Promise<number> {
  const [, kibibytes = 'NaN'] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kibibytes) / 1_024);
}

function tell(rounds: readonly Round[], { watchers, pairs, items, json }: StreamsOptions): void {
  const sumOf = (way: Way, figure: 'seconds' | 'cpuSeconds'): number =>
    rounds.filter((round) => round.way === way).reduce((sum, round) => sum + round[figure], 0);
  const ratioOf = (figure: 'seconds' | 'cpuSeconds'): number =>
    sumOf('watched', figure) / sumOf('plain', figure);
  const [ratio, cpuRatio] = [ratioOf('seconds'), ratioOf('cpuSeconds')];
  const watched = rounds.filter(({ way }) => way === 'watched');
  const missed = watched.reduce((sum, { ended = 0 }) => sum + watchers - ended, 0);
  if (json) console.log(JSON.stringify({ items, watchers, pairs, ratio, cpuRatio, missed, rounds }));
  else {
    console.table(
      rounds.map(({ failures, ...round }) => ({ ...round, failures: JSON.stringify(failures ?? {}) })),
    );
    console.log(
      `ratio ${ratio.toFixed(3)}, of processor time ${cpuRatio.toFixed(3)}; ${missed} of ${watchers * pairs} streams missed the end`,
    );
  }
  process.exitCode = ratio <= MOST && missed === 0 ? 0 : 1;
}

try {
  const options = streamsOptions(process.argv.slice(2));
  if (options === 'help') console.log(HELP);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
