/** A campaign from options and files: merged, or refused with all its problems. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  campaignFrom,
  withSpecOptions,
  type NamedCampaign,
  type SpecOptions,
} from '../../../src/cli/input/campaign-options.js';
import { specHash } from '../../../src/client/campaign-client.js';
import { parseCampaign, type CampaignInput } from '../../../src/shared/campaign/contract.js';
import type { VimListAnswer } from '../../../src/shared/vim/answer.js';
import type { Vim } from '../../../src/shared/vim/vim.js';
import { vimResolver } from '../../../src/vims/names.js';
import { uuid } from '../../support/campaign-report.js';

const [A, B, C] = [uuid(3, 1), uuid(3, 2), uuid(3, 3)];
const SERVICE = uuid(2, 1);
let folder: string;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'campaign-spec-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const LISTED: VimListAnswer = {
  kind: 'listed',
  vims: [named(A, 'athens-200'), named(B, 'Aveiro'), named(C, 'aveiro')],
};

function named(uuid: string, name: string): Vim {
  return { uuid, name, city: null, type: null, cores: null, memoryMb: null };
}

let list: VimListAnswer = LISTED;

function campaign(...args: string[]): Promise<NamedCampaign> {
  const command = withSpecOptions(new Command('start'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const options = command.parse(args, { from: 'user' }).opts<SpecOptions>();
  return campaignFrom(
    options,
    vimResolver(() => Promise.resolve(list)),
  );
}

async function refusal(...args: string[]): Promise<string> {
  try {
    await campaign(...args);
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '');
  }
  return expect.fail('it was taken');
}

const ITEMS = `serviceInstanceUuid,vnfUuid\n${SERVICE},${uuid(1, 1)}\n${SERVICE},${uuid(1, 2)}\n`;

describe('options', () => {
  it('make a whole campaign', async () => {
    const { name, input } = await campaign(
      ...['--evacuate', A, '--evacuate', A.toUpperCase(), '--target', B, '--target', C],
      ...['--include', `service=${SERVICE}`, '--exclude', `vnf=${uuid(1, 1)}`],
      ...['--limit', 'total=4', '--limit', 'perSourceVim=3', '--canary', '2', '--canary-go-on'],
      ...[
        '--budget',
        '3',
        '--budget',
        'action=abort',
        '--policy',
        'finalTimeout=1h',
        '--policy',
        'maxAttempts=2',
      ],
      ...['--gate', 'manual', '--order', 'input', '--actor', 'ops', '--reason', 'power work'],
    );
    expect(input).toEqual({
      evacuate: {
        vims: [A],
        include: { serviceInstanceUuids: [SERVICE], vnfUuids: [] },
        exclude: { serviceInstanceUuids: [], vnfUuids: [uuid(1, 1)] },
      },
      target: { vims: [B, C], strategy: 'spread' },
      limits: { total: 4, perSourceVim: 3 },
      canary: { count: 2, pauseAfter: false },
      budget: { maxErrors: 3, action: 'abort' },
      policy: { finalTimeout: '1h', maxAttempts: 2 },
      waves: { gate: 'manual' },
      order: 'input',
      actor: 'ops',
      reason: 'power work',
    });
    expect(parseCampaign(input).kind).toBe('campaign');
    expect(name).toBe(`evacuate-${A.slice(0, 8)}`);
  });

  it('name a list by what it moves, in any order', async () => {
    const other = ITEMS.split('\n');
    const turned = [other[0], other[2], other[1]].join('\n');
    const first = await campaign('--items', file('a.csv', ITEMS), '--target', A);
    expect(first.name).toMatch(/^items-[0-9a-f]{8}$/);
    expect((await campaign('--items', file('b.csv', turned), '--target', A)).name).toBe(first.name);
    expect((await campaign('--items', file('a.csv', ITEMS), '--target', A, '--name', 'x')).name).toBe('x');
  });

  it.each<[string, string[], string[]]>([
    ['nothing to move', [], ['nothing says what moves']],
    ['no target', ['--evacuate', A], ['--target <vim> is missing']],
    [
      'the VIM itself as target',
      ['--evacuate', A, '--target', A],
      ['--target: ', 'is under evacuation itself'],
    ],
    [
      'several at once',
      [
        '--evacuate',
        A,
        '--target',
        B,
        '--limit',
        'total=0',
        '--limit',
        'all=1',
        '--budget',
        'many',
        '--canary',
        'x',
      ],
      ['--budget many: expected name=value'],
    ],
    [
      'wrong values',
      [
        '--evacuate',
        A,
        '--target',
        B,
        '--limit',
        'total=0',
        '--limit',
        'all=1',
        '--canary',
        'x',
        '--policy',
        'ackTimeout=soon',
      ],
      [
        '--limit total: ',
        '--limit all: Unrecognized key',
        '--canary count: ',
        '--policy ackTimeout: expected a duration',
      ],
    ],
    [
      'a selection of nothing',
      ['--evacuate', A, '--target', B, '--include', SERVICE],
      ['--include ', 'expected service=<uuid>'],
    ],
  ])('refuse %s', async (_, args, told) => {
    const text = await refusal(...args);
    for (const part of told) expect(text).toContain(part);
  });
});

describe('a specification file', () => {
  const SPEC = `name: rack-4\nevacuate:\n  vims: [${A}]\ntarget: {vimUuid: ${B}}\nlimits:\n  total: 4\n  perSourceVim: 3\nactor: planner\n`;

  it('is a campaign; options go before what it says, name by name', async () => {
    const { name, input } = await campaign(
      '--spec',
      file('s.yaml', SPEC),
      '--limit',
      'total=9',
      '--target',
      C,
      '--actor',
      'ops',
    );
    expect(name).toBe('rack-4');
    expect(input).toMatchObject({
      target: { vimUuid: C },
      limits: { total: 9, perSourceVim: 3 },
      actor: 'ops',
    });
    // Who wrote it down is not who types.
    expect((await campaign('--spec', file('s.yaml', SPEC))).input.actor).toBe('planner');
    expect((await campaign('--spec', file('s.json', JSON.stringify(input)), '--name', 'x')).input).toEqual(
      input,
    );
  });

  it('is told wrong by its line, an option by its name', async () => {
    const wrong = SPEC.replace('total: 4', 'total: 0').replace('actor: planner', 'colour: red');
    const text = await refusal('--spec', file('s.yaml', wrong), '--limit', 'perTargetVim=0');
    expect(text).toContain('s.yaml:6: limits.total: ');
    expect(text).toContain('--limit perTargetVim: ');
    expect(text).toContain('s.yaml:8: colour: Unrecognized key');
    expect(await refusal('--spec', file('l.yaml', `- 1`))).toContain('l.yaml:1: one object');
    expect(await refusal('--spec', file('e.yaml', `a: [`))).toContain('e.yaml:1: ');
  });

  it('and items that cannot be read are told together', async () => {
    const text = await refusal('--spec', file('e.yaml', `a: [`), '--items', file('i.csv', `${ITEMS}x,y\n`));
    expect(text).toContain('e.yaml:1: ');
    expect(text).toContain('i.csv:4: ');
  });

  it('with a list and an evacuation is refused', async () => {
    expect(await refusal('--spec', file('s.yaml', SPEC), '--items', file('i.csv', ITEMS))).toContain(
      'either items or evacuate',
    );
  });
});

describe('VIMs by name', () => {
  afterEach(() => (list = LISTED));

  it('are taken wherever a VIM is named', async () => {
    const spec = `items:\n- {serviceInstanceUuid: ${SERVICE}, vnfUuid: ${uuid(1, 1)}, vimUuid: ATHENS-200}\ntarget: {vims: [aveiro, ${A}], strategy: spread}\n`;
    expect((await campaign('--spec', file('n.yaml', spec))).input).toMatchObject({
      items: [{ vimUuid: A }],
      target: { vims: [C, A] },
    });
    const { input } = await campaign('--evacuate', 'athens-200', '--target', 'Aveiro');
    expect(input).toMatchObject({ evacuate: { vims: [A] }, target: { vimUuid: B } });
  });

  it('that are unknown, or several, are refused by option and by line, each with what is known', async () => {
    const items = `serviceInstanceUuid;vnfUuid;vimUuid\n${SERVICE};${uuid(1, 1)};athens\n${SERVICE};${uuid(1, 2)};AVEIRO\n`;
    const text = await refusal('--items', file('n.csv', items), '--target', 'nowhere');
    expect(text).toContain(`n.csv:2: vimUuid: no VIM is named "athens"; known are athens-200 (${A}), `);
    expect(text).toContain(`n.csv:3: vimUuid: several VIMs are named "AVEIRO": Aveiro (${B}), aveiro (${C})`);
    expect(text).toContain('--target: no VIM is named "nowhere"');
  });

  it('need the list; uuids do not', async () => {
    list = { kind: 'unavailable', reason: 'no infrastructure adaptor answered within 20 s' };
    expect(await refusal('--evacuate', 'athens-200', '--target', B)).toContain(
      '--evacuate: "athens-200" is no uuid, and no list of VIMs has its name: no infrastructure adaptor',
    );
    expect((await campaign('--evacuate', A, '--target', B)).input.target).toEqual({ vimUuid: B });
  });

  it('that turn out to be one VIM are refused as uuids would be', async () => {
    expect(await refusal('--evacuate', 'athens-200', '--target', A)).toContain('is under evacuation itself');
  });
});

describe('the same campaign', () => {
  const specOf = (input: CampaignInput) => {
    const parsed = parseCampaign(input);
    return parsed.kind === 'campaign' ? parsed.spec : expect.fail('it is wrong');
  };
  const input: CampaignInput = {
    evacuate: { vims: [A] },
    target: { vimUuid: B },
    limits: { total: 6, perSourceVim: 2 },
  };

  it('has the same hash however it is written, whoever wants it', () => {
    const other: CampaignInput = {
      ...{ reason: 'x', actor: 'y', order: 'priority' },
      limits: { perSourceVim: 2, total: 6 },
      target: { vimUuid: B.toUpperCase() },
      evacuate: { vims: [A] },
    };
    expect(specHash(specOf(other))).toBe(specHash(specOf(input)));
    expect(specHash(specOf({ ...input, target: { vimUuid: C } }))).not.toBe(specHash(specOf(input)));
    expect(specHash(specOf({ ...input, policy: { maxAttempts: 1 } }))).not.toBe(specHash(specOf(input)));
  });

  it('has the hash that version 0.1 wrote, so that its running campaign is joined', () => {
    const uuid = (number: number): string => `00000000-0000-4000-8000-00000000000${String(number)}`;
    const items = [{ serviceInstanceUuid: uuid(1), vnfUuid: uuid(2) }];
    const spec = specOf({ items, target: { vimUuid: uuid(3) } });
    expect(specHash(spec)).toBe('7760880899227594d5e92bd672ef49731405d5fdf01fd1f6e1aa94fe51af057e');
    const off = specOf({ items, target: { vimUuid: uuid(3) }, policy: { verifyTarget: 'off' } });
    expect(specHash(off)).not.toBe(specHash(spec));
  });
});
