/**
 * `npm run test:observability` checks deploy/observability against a real Prometheus that scrapes real processes under load:
 * - promtool accepts the rules and the scrape configuration, and the tests of each alert pass;
 * - each expression of each panel, each selector of each alert and each alert without its thresholds gives data;
 * - the alerts whose symptom the load makes are true, and Prometheus evaluates all without an error.
 *
 * The exit code is 1 on any finding, and 2 if the run itself failed.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dump, load as parseYaml } from 'js-yaml';
import {
  ALERT_TESTS_FILE,
  ALERTS_FILE,
  OBSERVABILITY,
  readAlerts,
  readDashboards,
  selectorsOf,
  withoutThresholds,
} from '../support/observability.js';
import { Load } from './load.js';
import { disagree } from './nondeterminism.js';
import { findPrometheus, Prometheus, promtool, type PrometheusPrograms } from './prometheus.js';
import { ObservabilityStage } from './stage.js';
import { TEMPORAL_METRICS } from './temporal-metrics.js';

/** After the load: a census is half a minute old at most, and is shown by the scrape after the one that begins it. */
const SEEN_WITHIN_MS = 120_000;
const POLL_MS = 1_000;
const SCRAPE_INTERVAL = '2s';

/** What the load makes happen, `for` left out of account. */
const MUST_BE_TRUE = [
  'VnfMigratorOutcomeUnknown',
  'VnfMigratorServiceLocked',
  'VnfMigratorManoDeaf',
  'VnfMigratorRepliesParked',
  'VnfMigratorTwoManos',
  'VnfMigratorPayloadUnreadable',
  'VnfMigratorBrokerNodeAway',
  'VnfMigratorExchangeWrong',
  'VnfMigratorCampaignStalled',
  'VnfMigratorNotReady',
];

/** An expression, and where it stands. Done when it has given data once. */
interface Check {
  at: string;
  expression: string;
}

async function main(): Promise<void> {
  const report = (line: string): void => console.error(line);
  const startedAtMs = Date.now();
  const stage = await ObservabilityStage.set(report);
  try {
    const env = process.env;
    const programs = await findPrometheus({ supervisor: stage.monitoring, env, report });
    for (const line of await checkFiles(programs)) report(line);
    const config = await scrapeConfig(stage.targets);
    const prometheus = await Prometheus.start(programs, { supervisor: stage.monitoring, config, env });
    const checks = allChecks();
    report(`${checks.length} expressions are asked until each has given data`);
    const over = new AbortController();
    const looking = lookUntilSeen(prometheus, { checks, over: over.signal });
    // Handled below.
    looking.catch(() => undefined);
    const disagreeing = await disagree(stage.client, {
      bindAddress: stage.targets.at(-1) ?? '',
      temporalAddress: stage.environment['TEMPORAL_ADDRESS'] ?? '',
    });
    await new Load(stage, report).run();
    setTimeout(() => over.abort(), SEEN_WITHIN_MS).unref();
    const findings = [
      ...(await looking).map(({ at, expression }) => `no data: ${at}: ${expression}`),
      ...(await missingMetrics(prometheus)),
      ...(await seriesTwice(stage.targets)),
      ...(await brokenRules(prometheus)),
    ];
    await disagreeing.close();
    const seconds = Math.round((Date.now() - startedAtMs) / 1_000);
    const panels = checks.filter(({ at }) => at.startsWith('dashboard')).length;
    console.log(
      `${findings.length} findings; ${readAlerts().length} alerts, ${MUST_BE_TRUE.length} of them seen true; ` +
        `${panels} expressions of panels, ${checks.length - panels} of alerts; ${seconds} s`,
    );
    for (const finding of findings) console.log(finding);
    process.exitCode = findings.length === 0 ? 0 : 1;
  } finally {
    await stage.stop();
  }
}

/** What promtool says of the files. @throws where it refuses one */
async function checkFiles(programs: PrometheusPrograms): Promise<string[]> {
  const outputs = [
    await promtool(programs, ['--version']),
    await promtool(programs, ['check', 'config', join(OBSERVABILITY, 'prometheus.yml')]),
    await promtool(programs, ['check', 'rules', ALERTS_FILE]),
    await promtool(programs, ['test', 'rules', ALERT_TESTS_FILE]),
  ];
  return outputs.map((output) => output.trim());
}

/** Ours, with the targets of this run, scraped often. */
async function scrapeConfig(targets: readonly string[]): Promise<string> {
  const text = await readFile(join(OBSERVABILITY, 'prometheus.yml'), 'utf8');
  const config = parseYaml(text) as {
    global: Record<string, string>;
    scrape_configs: { job_name: string; static_configs: { targets: readonly string[] }[] }[];
  };
  const interval = { scrape_interval: SCRAPE_INTERVAL, evaluation_interval: SCRAPE_INTERVAL };
  return dump({
    ...config,
    global: { ...config.global, ...interval },
    rule_files: [ALERTS_FILE],
    scrape_configs: config.scrape_configs.map((job) => ({ ...job, static_configs: [{ targets }] })),
  });
}

function allChecks(): Check[] {
  const panels = [...readDashboards()].flatMap(([file, { panels }]) =>
    panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({
        at: `dashboard ${file}, ${title}`,
        expression: withVariables(expr),
      })),
    ),
  );
  const alerts = readAlerts().flatMap(({ alert, expr }) => [
    ...selectorsOf(expr).map((selector) => ({ at: `a selector of ${alert}`, expression: selector })),
    { at: `${alert} without thresholds`, expression: withoutThresholds(expr) },
    ...(MUST_BE_TRUE.includes(alert) ? [{ at: `${alert}, which must be true`, expression: expr }] : []),
  ]);
  return [...panels, ...alerts];
}

/** As Grafana replaces them, for the whole deployment. */
function withVariables(expression: string): string {
  const values: Record<string, string> = {
    job: 'vnf-migrator',
    instance: '.*',
    __rate_interval: '1m',
    __range: '1h',
  };
  return expression.replaceAll(/\$(\w+)/g, (whole: string) => values[whole.slice(1)] ?? whole);
}

/** Those that gave no data until the end. */
async function lookUntilSeen(
  prometheus: Prometheus,
  { checks, over }: { checks: readonly Check[]; over: AbortSignal },
): Promise<Check[]> {
  let left = [...checks];
  while (left.length > 0 && !over.aborted) {
    const unseen: Check[] = [];
    for (const check of left) if (!(await hasData(prometheus, check))) unseen.push(check);
    left = unseen;
    await delay(POLL_MS, undefined, { signal: over }).catch(() => undefined);
  }
  return left;
}

/** A panel of nothing but NaN is an empty one. */
async function hasData(prometheus: Prometheus, { at, expression }: Check): Promise<boolean> {
  const samples = await prometheus.query(expression).catch((error: unknown) => {
    throw new Error(`${at}: ${expression}: ${String(error)}`, { cause: error });
  });
  return samples.some(({ value }) => Number.isFinite(value));
}

async function missingMetrics(prometheus: Prometheus): Promise<string[]> {
  const names = new Set(await prometheus.names());
  const isThere = (name: string): boolean => names.has(name) || names.has(`${name}_count`);
  return TEMPORAL_METRICS.filter((name) => !isThere(name)).map((name) => `not scraped: ${name}`);
}

/** Of a series that a scrape has twice, Prometheus takes either. */
async function seriesTwice(targets: readonly string[]): Promise<string[]> {
  const found = targets.map(async (target) => {
    const lines = (await (await fetch(`http://${target}/metrics`)).text()).split('\n');
    const series = lines
      .filter((line) => /^\w/.test(line))
      .map((line) => line.slice(0, line.lastIndexOf(' ')));
    return series.filter((one, index) => series.indexOf(one) !== index).map((one) => `twice: ${one}`);
  });
  return (await Promise.all(found)).flat();
}

async function brokenRules(prometheus: Prometheus): Promise<string[]> {
  const rules = await prometheus.rules();
  if (rules.length !== readAlerts().length) return [`Prometheus has ${rules.length} rules`];
  return rules
    .filter(({ health }) => health !== 'ok')
    .map(({ name, health, lastError }) => `the rule ${name} is ${health}: ${lastError ?? ''}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
