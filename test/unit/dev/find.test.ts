// The source of the servers of `dev`: the first source that exists is used. If there is none, a message helps the
// user.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DevError } from '../../../src/dev/errors.js';
import { findOnPath } from '../../../src/dev/install/find-on-path.js';
import { findRabbitmq, withoutWrapper, type RabbitmqSources } from '../../../src/dev/rabbitmq/find.js';
import { findTemporal, type TemporalSources } from '../../../src/dev/temporal/find.js';
import { cachedTemporal } from '../../../src/dev/temporal/install.js';

describe('findTemporal', () => {
  /** Every way works; a test takes some away. */
  function sources(
    without: Partial<TemporalSources> = {},
  ): TemporalSources & { asked: string[]; said: string[] } {
    const asked: string[] = [];
    const said: string[] = [];
    const way = (name: string) => (): string => {
      asked.push(name);
      return `/${name}`;
    };
    return {
      address: undefined,
      install: true,
      onPath: way('path'),
      inCache: way('cache'),
      download: () => Promise.resolve(way('download')()),
      build: () => Promise.resolve(way('build')()),
      report: (line) => said.push(line),
      ...without,
      asked,
      said,
    };
  }
  const none = (): null => null;
  const fails = (why: string) => () => Promise.reject(new DevError(why));

  it('takes a running one that is named, and looks for no other', async () => {
    const all = sources({ address: 'temporal.example:7233' });
    expect(await findTemporal(all)).toEqual({ kind: 'running', address: 'temporal.example:7233' });
    expect(all.asked).toEqual([]);
  });

  it.each([
    { way: '/path', without: {} },
    { way: '/path', without: { address: '' } },
    { way: '/cache', without: { onPath: none } },
    { way: '/download', without: { onPath: none, inCache: none } },
    { way: '/build', without: { onPath: none, inCache: none, download: fails('no network') } },
  ])('takes $way, and tries nothing after it', async ({ way, without }) => {
    const all = sources(without);
    expect(await findTemporal(all)).toEqual({ kind: 'executable', path: way });
    expect(all.asked).toEqual([way.slice(1)]);
  });

  it('says why a download failed before it builds', async () => {
    const all = sources({ onPath: none, inCache: none, download: fails('no network:\nat length') });
    await findTemporal(all);
    expect(all.said).toEqual(['no network']);
  });

  it('fetches and builds nothing where that is forbidden, and says what to install', async () => {
    const all = sources({ install: false, onPath: none, inCache: none });
    await expect(findTemporal(all)).rejects.toThrow(/--no-install.*\n.*TEMPORAL_ADDRESS.*Temporal CLI.*Go/s);
    expect(all.asked).toEqual([]);
  });

  it('tells every failure when no way works', async () => {
    const all = sources({
      onPath: none,
      inCache: none,
      download: fails('no network'),
      build: fails('no Go'),
    });
    await expect(findTemporal(all)).rejects.toThrow(/no network\nno Go\n.*TEMPORAL_ADDRESS/s);
  });

  it('does not hide a defect behind the next way', async () => {
    const all = sources({
      onPath: none,
      inCache: none,
      download: () => Promise.reject(new TypeError('defect')),
    });
    await expect(findTemporal(all)).rejects.toThrow(TypeError);
    expect(all.asked).toEqual([]);
  });
});

describe('cachedTemporal', () => {
  it('follows XDG_CACHE_HOME, else the home folder; an empty setting is none', () => {
    expect(cachedTemporal({ XDG_CACHE_HOME: '/c', HOME: '/h' })).toMatch(
      /^\/c\/vnf-migrator\/temporal-[\d.]+\/temporal$/,
    );
    expect(cachedTemporal({ XDG_CACHE_HOME: '', HOME: '/h' })).toMatch(/^\/h\/\.cache\/vnf-migrator\//);
  });
});

describe('findRabbitmq', () => {
  function sources(given: Partial<RabbitmqSources> = {}): RabbitmqSources & { installs: () => number } {
    let installs = 0;
    return {
      url: undefined,
      mayInstall: true,
      installed: () => (installs > 0 ? '/installed' : null),
      install: () => {
        installs++;
        return Promise.resolve();
      },
      ...given,
      installs: () => installs,
    };
  }

  it('takes a running one that is named, then an installed one, and installs neither time', async () => {
    const named = sources({ url: 'amqp://broker.example', installed: () => '/present' });
    expect(await findRabbitmq(named)).toEqual({ kind: 'running', url: 'amqp://broker.example' });
    const present = sources({ installed: () => '/present' });
    expect(await findRabbitmq(present)).toEqual({ kind: 'executable', path: '/present' });
    expect(named.installs() + present.installs()).toBe(0);
  });

  it('installs the package where there is none', async () => {
    expect(await findRabbitmq(sources())).toEqual({ kind: 'executable', path: '/installed' });
  });

  it('installs nothing where that is forbidden, and says what to install', async () => {
    const forbidden = sources({ mayInstall: false });
    await expect(findRabbitmq(forbidden)).rejects.toThrow(/--no-install.*\n.*AMQP_URL.*rabbitmq-server/s);
    expect(forbidden.installs()).toBe(0);
  });

  it('says who could install it', async () => {
    await expect(findRabbitmq(sources({ install: null }))).rejects.toThrow(/apt-get and as root/);
  });
});

describe('programs on disk', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'dev-find-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function script(path: string, text = '#!/bin/sh\n'): string {
    const full = join(folder, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, text);
    chmodSync(full, 0o755);
    return full;
  }

  it('finds the first executable file on the PATH, and no folder or other file', () => {
    mkdirSync(join(folder, 'a', 'temporal'), { recursive: true });
    chmodSync(script('b/temporal'), 0o644);
    const wanted = script('c/temporal');
    const PATH = ['', ...['a', 'b', 'c'].map((name) => join(folder, name))].join(':');
    expect(findOnPath({ name: 'temporal', env: { PATH } })).toBe(wanted);
    expect(findOnPath({ name: 'temporal', env: {} })).toBeNull();
  });

  it("passes a package's wrapper, which would drop our settings", () => {
    const real = script('lib/rabbitmq-server');
    const wrapper = script('lib/rabbitmq-script-wrapper', '#!/bin/sh\nsu rabbitmq -c x\n');
    const link = join(folder, 'rabbitmq-server');
    symlinkSync(wrapper, link);
    expect(withoutWrapper(link)).toBe(real);
    expect(withoutWrapper(real)).toBe(real);
    expect(withoutWrapper(script('sbin/rabbitmq-server', '#!/bin/sh\nsu rabbitmq -c x\n'))).toBeNull();
  });
});
