/** The dashboards and alert rules of deploy/observability, and the PromQL in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { load } from 'js-yaml';

export const OBSERVABILITY = fileURLToPath(new URL('../../deploy/observability/', import.meta.url));
export const ALERTS_FILE = join(OBSERVABILITY, 'alerts.yaml');
export const ALERT_TESTS_FILE = join(OBSERVABILITY, 'tests', 'alerts.test.yaml');

export interface Target {
  refId: string;
  expr: string;
  legendFormat: string;
  instant: boolean;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  datasource?: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: Target[];
}

export interface Dashboard {
  uid: string;
  id: number | null;
  title: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string; type: string; query: string | { query: string } }[] };
}

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook_url: string };
}

export interface AlertTest {
  name: string;
  alert_rule_test: { alertname: string; exp_alerts: unknown[] }[];
}

/** By the names of their files. */
export function readDashboards(): Map<string, Dashboard> {
  const folder = join(OBSERVABILITY, 'dashboards');
  const files = readdirSync(folder).sort();
  return new Map(
    files.map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Dashboard]),
  );
}

export function readAlerts(): AlertRule[] {
  const { groups } = load(readFileSync(ALERTS_FILE, 'utf8')) as { groups: { rules: AlertRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export function readAlertTests(): AlertTest[] {
  return (load(readFileSync(ALERT_TESTS_FILE, 'utf8')) as { tests: AlertTest[] }).tests;
}

/** What the vector selectors of an expression look like: a metric, and labels where it has any. */
const SELECTOR = /\b(?:vnf_migrator|temporal)_\w+(?:\{[^}]*\})?|\bup\{[^}]*\}/g;

export function selectorsOf(expression: string): string[] {
  return [...new Set(expression.match(SELECTOR) ?? [])];
}

/** The metrics of an expression. The three series of a histogram stand for it. */
export function metricsOf(expression: string): string[] {
  const names = selectorsOf(expression).map((selector) => selector.replace(/\{.*/s, ''));
  return [...new Set(names.map((name) => name.replace(/_(bucket|count|sum)$/, '')))];
}

/** An alert's expression with the comparisons taken out: what it looks at, also where nothing is wrong. */
export function withoutThresholds(expression: string): string {
  return expression.replaceAll(/\s*[<>=!]=?\s*\d+(\.\d+)?(?=[\s)]|$)/g, '');
}
