import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';

interface Service {
  image?: string;
  build?: { args: { VERSION: string } };
  ports?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  command?: string[];
  profiles?: string[];
}

function textOf(name: string): string {
  return readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
}

const compose = load(textOf('docker-compose.yml')) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
/** Those that come from elsewhere; our own image answers no HTTP yet. */
const foreign = services.filter(([, service]) => service.build === undefined);
const ours = services.filter(([, service]) => service.build !== undefined);

/** A tag down to the patch level, or to the minor of PostgreSQL, which has no third number. */
const PINNED = /^[\w./-]+:\d+\.\d+(\.\d+)?(-[\w.-]+)?$/;

describe('docker-compose.yml', () => {
  test.each(services)('%s: the version is pinned', (_name, service) => {
    expect(service.image).toMatch(PINNED);
    const isPostgres = service.image?.startsWith('postgres:') === true;
    if (!isPostgres) expect(service.image).toMatch(/:\d+\.\d+\.\d+/);
  });

  test('RabbitMQ is 3.13 and Temporal 1.29, which the tests of this project run against or near', () => {
    expect(compose.services['rabbitmq']?.image).toMatch(/^rabbitmq:3\.13\.\d+-management$/);
    expect(compose.services['temporal']?.image).toMatch(/:1\.29\.\d+$/);
  });

  test.each(foreign)('%s: has a health check', (_name, service) => {
    expect(service.healthcheck?.test[0]).toBe('CMD');
  });

  test.each(services)('%s: waits for what it needs to be healthy, not just started', (_name, service) => {
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(condition).toBe('service_healthy');
      expect(compose.services[needed]?.healthcheck).toBeDefined();
    }
  });

  test.each(services)('%s: opens its ports on the loopback interface only', (_name, service) => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test.each(ours)('%s: has the version of the package', (_name, service) => {
    const { version } = JSON.parse(textOf('package.json')) as { version: string };
    expect(service.image).toBe(`vnf-migrator:${version}`);
    expect(service.build?.args.VERSION).toBe(version);
  });

  test.each(ours)('%s: has a read-only root, no capabilities and the user of the image', (_name, service) => {
    expect(service).toMatchObject({
      ...{ read_only: true, user: '1000:1000', cap_drop: ['ALL'] },
      security_opt: ['no-new-privileges:true'],
    });
  });

  test('data is kept in named volumes', () => {
    const used = services.flatMap(([, service]) => service.volumes ?? []).map((mount) => mount.split(':')[0]);
    expect(used.sort()).toEqual(Object.keys(compose.volumes).sort());
    expect(used).toHaveLength(2);
  });

  test('the worker starts by default, the simulated MANO on demand', () => {
    expect(compose.services['worker']).toMatchObject({ command: ['worker'] });
    expect(compose.services['worker']?.profiles).toBeUndefined();
    expect(compose.services['simulator']?.command?.[0]).toBe('simulate');
    expect(compose.services['simulator']?.profiles).toEqual(['simulator']);
  });
});

describe('Dockerfile', () => {
  const lines = textOf('Dockerfile')
    .split('\n')
    .map((line) => line.trim());
  const valuesOf = (instruction: string): string[] =>
    lines
      .filter((line) => line.startsWith(`${instruction} `))
      .map((line) => line.slice(instruction.length + 1));

  test('its one base image is pinned, and has glibc; what runs has only what is copied', () => {
    const [base, ...stages] = valuesOf('FROM');
    expect(base).toMatch(/^node:\d+\.\d+\.\d+-\w+-slim AS node$/);
    expect(base).not.toContain('alpine');
    for (const stage of stages) expect(stage).toMatch(/^((node|modules) AS \w+|scratch)$/);
    expect(stages.at(-1)).toBe('scratch');
  });

  test('the base image satisfies "engines"', () => {
    const { engines } = JSON.parse(textOf('package.json')) as { engines: { node: string } };
    const [wantedMajor, wantedMinor] = engines.node.replace('>=', '').split('.').map(Number);
    const [major, minor] = valuesOf('FROM')[0]!.replace('node:', '').split('.').map(Number);
    const isEnough = major! > wantedMajor! || (major === wantedMajor && minor! >= wantedMinor!);
    expect(isEnough).toBe(true);
  });

  test('it does not run as root, and says so by number: Kubernetes can verify nothing else', () => {
    expect(valuesOf('USER').at(-1)).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(lines.findLastIndex((line) => line.startsWith('USER '))).toBeGreaterThan(
      lines.findLastIndex((line) => line.startsWith('FROM ')),
    );
  });

  test('it is the command of the package, and a worker by default', () => {
    const { bin } = JSON.parse(textOf('package.json')) as { bin: Record<string, string> };
    expect(JSON.parse(valuesOf('ENTRYPOINT')[0]!)).toEqual(['node', bin['vnf-migrator']]);
    expect(JSON.parse(valuesOf('CMD')[0]!)).toEqual(['worker']);
  });

  test('what it copies is let through by .dockerignore', () => {
    const allowed = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = valuesOf('COPY')
      .filter((arguments_) => !arguments_.startsWith('--from'))
      .flatMap((arguments_) => arguments_.split(' ').slice(0, -1));
    expect([...new Set(copied)].sort()).toEqual(allowed.sort());
  });
});
