import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { simulateCommand } from '../../../src/cli/commands/simulate.js';
import { generateWorld, worldSpecSchema } from '../../../src/simulator/world-spec.js';

describe('vnf-migrator simulate', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'simulate-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  function file(name: string, content: unknown): string {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  async function problemsWith(...args: string[]): Promise<string[]> {
    let told = '';
    const command = simulateCommand()
      .exitOverride()
      .configureOutput({ writeErr: (text) => (told += text) });
    await expect(command.parseAsync(args, { from: 'user' })).rejects.toMatchObject({ exitCode: 2 });
    return told.trim().split('\n');
  }

  it('names everything that is wrong at once, and what would be right', async () => {
    vi.stubEnv('AMQP_URL', 'http://user:secret@host');
    const rules = file('rules.json', [{ behaviour: 'explodes' }, { behaviour: 'ok', nht: 1 }]);
    const problems = await problemsWith(
      ...['--services', '1.5', '--migration-ms', '9..3', '--ack-delay-ms', '-1', '--control-port', '70000'],
      ...['--vims', '0', '--rules', rules],
    );
    expect(problems).toHaveLength(8);
    const text = problems.join('\n');
    expect(text).toContain('AMQP_URL is no AMQP address: one like amqp://user:password@host:5672/vhost');
    expect(text).toContain('--services is "1.5": a whole number from 0 to 100000 is needed');
    expect(text).toContain('a range such as 200..400');
    expect(text).toMatch(/rules.json: 0.behaviour: .*"deploy-fails"/);
    expect(text).toMatch(/rules.json: 1: unknown: nht; known are behaviour, vnfUuid, .*nth/);
    expect(text).not.toContain('secret');
  });

  it('names what is wrong with a world', async () => {
    const vnf = { vnfUuid: 'v', vimUuids: [] };
    const world = file('world.json', { services: [{ serviceInstanceUuid: 's', vnfs: [vnf], nsd: 1 }] });
    expect(await problemsWith('--world', world)).toEqual([
      expect.stringContaining('services.0.vnfs.0.vimUuids: '),
      expect.stringContaining('services.0: unknown: nsd; known are serviceInstanceUuid, vnfs'),
    ]);
    expect(await problemsWith('--world', file('broken.json', '{'))).toEqual([
      expect.stringContaining('JSON'),
    ]);
    expect(await problemsWith('--world', join(folder, 'none'))).toEqual([expect.stringContaining('ENOENT')]);
  });

  it('prints a world as --world takes it', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    await simulateCommand().parseAsync(['--services', '2', '--seed', 'x', '--print-world'], { from: 'user' });
    const printed: unknown = JSON.parse(log.mock.calls[0]![0] as string);
    expect(worldSpecSchema.parse(printed)).toEqual(generateWorld({ services: 2, seed: 'x' }));
  });
});

describe('a world', () => {
  it('follows from its seed', () => {
    expect(generateWorld({ services: 3, seed: 'a' })).toEqual(generateWorld({ services: 3, seed: 'a' }));
    expect(generateWorld({ services: 3, seed: 'a' })).not.toEqual(generateWorld({ services: 3, seed: 'b' }));
  });

  it('has no id twice', () => {
    const vnfs = [{ vnfUuid: 'v', vimUuids: ['a'] }];
    const spec = { services: ['s', 's'].map((serviceInstanceUuid) => ({ serviceInstanceUuid, vnfs })) };
    expect(worldSpecSchema.safeParse(spec).error?.issues.map(({ message }) => message)).toEqual([
      'the service s is there twice',
      'the VNF v is there twice',
    ]);
  });
});
