/** The chart and its page say the same, and its figures fit the code. What needs Helm is in test/helm. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { namesIn, readPage, ROOT, tableUnder } from '../../support/markdown.js';

type Tree = Record<string, unknown>;

const CHART = 'deploy/helm';
const PAGE = 'docs/kubernetes.md';

const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const values = load(textOf(`${CHART}/values.yaml`)) as Tree;

/** Each value by its path. What has no parts in values.yaml is one, also an empty list. */
function leaves(tree: Tree, prefix = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([name, value]): [string, unknown][] => {
    const path = `${prefix}${name}`;
    const hasParts =
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
    return hasParts ? leaves(value as Tree, `${path}.`) : [[path, value]];
  });
}

/** What is told as one: requests and limits, and labels. */
const TOLD_WHOLE = /^(.*\.resources|monitoring\.dashboards\.labels|networkPolicy\.egress\.\w+)\..*$/;

function toldPath(path: string): string {
  return path.replace(TOLD_WHOLE, '$1');
}

describe('the values of the chart', () => {
  const rows = tableUnder(PAGE, '## Values').map(([names = '', standard = '']) => ({
    names: namesIn(names),
    standard: namesIn(standard)[0] ?? standard,
  }));
  const told = rows.flatMap(({ names }) => names);
  const present = [...new Set(leaves(values).map(([path]) => toldPath(path)))];

  it('are in the table of the page, all of them, and nothing else is', () => {
    expect(present.length).toBeGreaterThan(60);
    expect(told.sort()).toEqual(present.sort());
  });

  it('have the defaults that the table tells', () => {
    const byPath = new Map(leaves(values));
    const wrong = rows.flatMap(({ names, standard }) =>
      names.flatMap((name) => {
        if (!byPath.has(name)) return [];
        const value = byPath.get(name);
        const isEmpty = value === '' || JSON.stringify(value) === '[]' || JSON.stringify(value) === '{}';
        const is = isEmpty ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
        return is === standard ? [] : [`${name}: ${standard}, and is ${is}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('are those of the schema, which refuses other names', () => {
    const missing = leaves(values).filter(([path]) => !isInSchema(path.split('.')));
    expect(missing).toEqual([]);
  });

  /** By the properties of values.schema.json; a map without names of its own takes any. */
  function isInSchema(path: readonly string[]): boolean {
    const schema = JSON.parse(textOf(`${CHART}/values.schema.json`)) as Tree;
    const definitions = schema['definitions'] as Record<string, Tree>;
    let at: Tree = schema;
    for (const name of path) {
      const { $ref } = at as { $ref?: string };
      const here = $ref === undefined ? at : definitions[$ref.replace('#/definitions/', '')]!;
      const properties = here['properties'] as Record<string, Tree> | undefined;
      if (properties?.[name] === undefined)
        return here['additionalProperties'] !== false && here['type'] === 'object';
      at = properties[name];
    }
    return true;
  }
});

describe('the grace period of the workers', () => {
  const constant = (path: string, name: string): number => {
    const [, digits] = new RegExp(`const ${name} = ([\\d_]+);`).exec(textOf(path)) ?? [];
    expect(digits, `${path} has ${name}`).toBeDefined();
    return Number(digits?.replaceAll('_', ''));
  };

  it('is longer than the longest drain, by a quarter at least', () => {
    const closeMs = constant('src/amqp/connection.ts', 'CLOSE_TIMEOUT_MS');
    const listenerMs = Math.max(
      constant('src/worker.ts', 'LISTENER_GRACE_MS'),
      constant('src/listener/callback-server.ts', 'GRACE_MS'),
    );
    // src/worker.ts: shutdownForceTime is twice the grace time.
    const workerMs = 2 * constant('src/worker.ts', 'WORKER_GRACE_MS');
    expect(textOf('src/worker.ts')).toContain('shutdownForceTime: 2 * WORKER_GRACE_MS');
    const spansMs = 2_000;
    const template = textOf(`${CHART}/templates/worker.yaml`);
    const seconds = (name: string): number =>
      Number(new RegExp(`"${name}" \\(?(?:ternary )?(\\d+)`).exec(template)?.[1]);
    const waitMs = 1_000 * seconds('waitSeconds');
    const drainMs = waitMs + listenerMs + closeMs + workerMs + closeMs + spansMs;
    expect(template).toContain(`That is ${drainMs / 1_000} s at most`);
    expect(1_000 * seconds('graceSeconds')).toBeGreaterThanOrEqual(1.25 * drainMs);
  });
});

describe('the files of the chart', () => {
  it('are those of deploy/observability; `node scripts/chart-files.mjs` copies them', () => {
    const source = 'deploy/observability';
    if (!existsSync(join(ROOT, source))) return;
    expect(textOf(`${CHART}/files/alerts.yaml`)).toBe(textOf(`${source}/alerts.yaml`));
    const namesOf = (folder: string): string[] =>
      existsSync(join(ROOT, folder))
        ? readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.json'))
        : [];
    const names = namesOf(`${source}/dashboards`);
    expect(namesOf(`${CHART}/files/dashboards`)).toEqual(names);
    for (const name of names)
      expect(textOf(`${CHART}/files/dashboards/${name}`)).toBe(textOf(`${source}/dashboards/${name}`));
  });
});

describe('the version', () => {
  it('of the image is the one of the package', () => {
    const { version } = JSON.parse(textOf('package.json')) as { version: string };
    const chart = load(textOf(`${CHART}/Chart.yaml`)) as { appVersion: string };
    expect(chart.appVersion).toBe(version);
  });

  it('of the page is the one that is checked', () => {
    const [, minor = ''] = /k8s\.io\/kubernetes v(\d+\.\d+)/.exec(textOf('test/helm/tools/go.mod')) ?? [];
    const [, oldest = ''] = /kubeVersion: '>=(\d+\.\d+)/.exec(textOf(`${CHART}/Chart.yaml`)) ?? [];
    const told = readPage(PAGE).rows.map(({ value }) => value.join(' '));
    expect(told.some((row) => row.includes(oldest) && row.includes(minor))).toBe(true);
  });
});
