/** Dashboards and alerts: each run-book has an alert, each alert its run-book, and what they name exists. */
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../src/shared/metric-names.js';
import { allPages } from '../../support/markdown.js';
import {
  metricsOf,
  readAlerts,
  readAlertTests,
  readDashboards,
  selectorsOf,
  withoutThresholds,
  type Panel,
} from '../../support/observability.js';
import { TEMPORAL_METRICS } from '../../observability/temporal-metrics.js';

const ALERTS = readAlerts();
const DASHBOARDS = [...readDashboards()];
const KNOWN: readonly string[] = [...Object.values(METRICS), ...TEMPORAL_METRICS, 'up'];

/** Sections of the page that are no run-books. */
const OTHER_SECTIONS = ['operations', 'run-it', 'logs', 'health-and-metrics'];
const PAGE = allPages().find(({ path }) => path === 'docs/operations.md')!;

function anchorOf({ annotations }: (typeof ALERTS)[number]): string {
  return annotations.runbook_url.replace(/^docs\/operations\.md#/, '');
}

describe('alerts', () => {
  const anchors = ALERTS.map(anchorOf);

  it('there are for each run-book', () => {
    const headings = sectionsOf(PAGE.anchors);
    expect(headings.length).toBeGreaterThan(10);
    expect(headings.filter((anchor) => !anchors.includes(anchor))).toEqual([]);
  });

  it.each(ALERTS.map((alert) => [alert.alert, alert] as const))(
    '%s names a section, its severity, and what is wrong',
    (name, alert) => {
      expect(name).toMatch(/^VnfMigrator[A-Z]\w+$/);
      expect(PAGE.anchors).toContain(anchorOf(alert));
      expect(['critical', 'warning']).toContain(alert.labels.severity);
      expect(alert.annotations.summary).toMatch(/^[A-Z].*[^.]$/);
      expect(alert.annotations.description).toMatch(/^.{40,}\.$/);
    },
  );

  it.each(ALERTS.map(({ alert }) => alert))('%s has tests, firing and not firing', (name) => {
    const expected = readAlertTests().flatMap(({ alert_rule_test }) =>
      alert_rule_test
        .filter(({ alertname }) => alertname === name)
        .map(({ exp_alerts }) => exp_alerts.length > 0),
    );
    expect([...new Set(expected)].sort()).toEqual([false, true]);
  });

  it('look at metrics that exist', () => {
    const named = ALERTS.flatMap(({ expr }) => metricsOf(expr));
    expect(named.length).toBeGreaterThanOrEqual(ALERTS.length);
    expect(named.filter((name) => !KNOWN.includes(name))).toEqual([]);
  });

  it('are read without their thresholds', () => {
    expect(withoutThresholds('(sum(a) > 2 and b == 0.5) or up{x="1"} == 0')).toBe(
      '(sum(a) and b) or up{x="1"}',
    );
    expect(selectorsOf('rate(temporal_request{a=~"b|c"}[5m]) and on (job) vnf_migrator_ready')).toEqual([
      'temporal_request{a=~"b|c"}',
      'vnf_migrator_ready',
    ]);
  });
});

/** Those of headings of the second level: run-books have headings below them, of the same words in each. */
function sectionsOf(all: readonly string[]): string[] {
  const below = /^(symptom|evidence|what-to-do|what-not-to-do)(-\d+)?$/;
  return all.filter((anchor) => !below.test(anchor) && !OTHER_SECTIONS.includes(anchor));
}

describe.each(DASHBOARDS)('the dashboard %s', (_, dashboard) => {
  const variables = dashboard.templating.list.map(({ name }) => name);
  const shown = dashboard.panels.filter(({ type }) => type !== 'row');

  it('can be provisioned: its own uid, no id, a variable for the data source', () => {
    expect(DASHBOARDS.filter(([, { uid }]) => uid === dashboard.uid)).toHaveLength(1);
    expect(dashboard.uid).toMatch(/^[a-z-]{1,40}$/);
    expect(dashboard).toMatchObject({ id: null, schemaVersion: 39 });
    expect(variables).toEqual(['datasource', 'job', 'instance']);
    for (const { datasource } of shown) expect(datasource?.uid).toBe('${datasource}');
  });

  it('has panels with ids, titles and units of their own, each with an expression', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { type, title, targets = [], fieldConfig } of shown) {
      expect(['timeseries', 'stat', 'table']).toContain(type);
      expect(title).not.toBe('');
      expect(fieldConfig?.defaults.unit).toEqual(expect.any(String));
      expect(targets.map(({ expr }) => expr).filter((expr) => expr.trim() === '')).toEqual([]);
      expect(targets.length).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  it('has no panel over another one, and none beyond the grid', () => {
    for (const [index, panel] of dashboard.panels.entries()) {
      expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24);
      for (const other of dashboard.panels.slice(index + 1))
        expect(overlaps(panel, other), `${panel.title} and ${other.title}`).toBe(false);
    }
  });

  it('looks at metrics and variables that exist', () => {
    const expressions = shown.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    for (const expression of expressions) {
      expect(metricsOf(expression)).not.toEqual([]);
      expect(metricsOf(expression).filter((name) => !KNOWN.includes(name))).toEqual([]);
      const used = [...expression.matchAll(/\$(\w+)/g)].map(([, name = '']) => name);
      const known = [...variables, '__rate_interval', '__range'];
      expect(used.filter((name) => !known.includes(name))).toEqual([]);
    }
  });
});

it('every metric of ours is on a dashboard', () => {
  const drawn = DASHBOARDS.flatMap(([, { panels }]) =>
    panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsOf(expr))),
  );
  expect(Object.values(METRICS).filter((name) => !drawn.includes(name))).toEqual([]);
});

function overlaps({ gridPos: one }: Panel, { gridPos: other }: Panel): boolean {
  const isBeside = one.x + one.w <= other.x || other.x + other.w <= one.x;
  return !isBeside && one.y < other.y + other.h && other.y < one.y + one.h;
}
