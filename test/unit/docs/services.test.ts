/** Whoever stops a process gives it more time than it takes: docker-compose.yml and the units of systemd. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';

const UNITS = [
  'vnf-migrator-worker@.service',
  'vnf-migrator-listener@.service',
  'vnf-migrator-console.service',
] as const;

function textOf(name: string): string {
  return readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
}

/** A constant of the composition root, which is too heavy to import here. */
function millisecondsOf(name: string): number {
  const [, digits] = new RegExp(`^const ${name} = ([\\d_]+);`, 'm').exec(textOf('src/worker.ts')) ?? [];
  return Number(digits?.replaceAll('_', ''));
}

function linesOf(unit: string): string[] {
  return textOf(`deploy/systemd/${unit}`).split('\n');
}

function valueOf(unit: string, key: string): string | undefined {
  return linesOf(unit)
    .findLast((line) => line.startsWith(`${key}=`))
    ?.slice(key.length + 1);
}

const listenerMs = millisecondsOf('LISTENER_GRACE_MS');
/** `shutdownForceTime` of the SDK, after the listener beside it. */
const workerMs = listenerMs + 2 * millisecondsOf('WORKER_GRACE_MS');
/** To close the connections. */
const CLOSING_MS = 10_000;

describe('the time to stop', () => {
  test('of a worker in docker-compose.yml', () => {
    const { services } = load(textOf('docker-compose.yml')) as {
      services: { worker: { stop_grace_period: string } };
    };
    expect(Number.parseInt(services.worker.stop_grace_period) * 1_000).toBeGreaterThanOrEqual(
      workerMs + CLOSING_MS,
    );
  });

  test.each([
    ['vnf-migrator-worker@.service', workerMs],
    ['vnf-migrator-listener@.service', listenerMs],
  ])('of %s', (unit, leastMs) => {
    expect(Number.parseInt(valueOf(unit, 'TimeoutStopSec') ?? '') * 1_000).toBeGreaterThanOrEqual(
      leastMs + CLOSING_MS,
    );
  });
});

describe('the units of systemd', () => {
  /** What a unit may leave out, and says why. */
  const LEFT_OUT = ['ProcSubset=pid'];
  const restrictionsOf = (unit: string): string[] => {
    const lines = linesOf(unit).filter((line) => line !== '' && !line.startsWith('#'));
    const from = lines.indexOf('DynamicUser=yes');
    return lines.slice(from, lines.indexOf('[Install]')).filter((line) => !LEFT_OUT.includes(line));
  };

  test.each(UNITS)('%s has the restrictions of the others', (unit) => {
    expect(restrictionsOf(unit)).toEqual(restrictionsOf(UNITS[0]));
    expect(restrictionsOf(unit)).toContain('NoNewPrivileges=yes');
  });

  test.each(UNITS)(
    '%s runs a command of the package, and does not repeat what wrong settings end',
    (unit) => {
      expect(valueOf(unit, 'ExecStart')).toMatch(
        /^\/opt\/vnf-migrator\/bin\/vnf-migrator (worker|listener|console)/,
      );
      expect(valueOf(unit, 'RestartPreventExitStatus')).toBe('2');
    },
  );

  test.each(['settings.env', 'worker-1.env', 'listener-1.env', 'console.env'])(
    '%s has settings that exist, and no secret',
    (name) => {
      const reference = textOf('docs/reference/settings.md');
      const settings = linesOf(name).flatMap((line) => /^#?([A-Z_]+)=(.*)$/.exec(line)?.slice(1, 3) ?? []);
      expect(settings.length).toBeGreaterThan(0);
      for (const [index, text] of settings.entries()) {
        if (index % 2 === 0) expect(reference).toContain(`\`${text}\``);
        else expect(text).not.toMatch(/:\/\/[^/@]*:[^/@]*@/);
      }
    },
  );
});
