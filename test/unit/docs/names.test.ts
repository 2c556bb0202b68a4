/** Every name in the docs exists in the code, and every such name in the code is in the docs. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../src/cli/exit-codes.js';
import { createProgram } from '../../../src/cli/program.js';
import { SETTING_NAMES } from '../../../src/settings/config.js';
import { DELIVERY_OUTCOMES } from '../../../src/listener/delivery-outcomes.js';
import { campaignItemSchema, campaignSpecSchema } from '../../../src/shared/campaign/contract.js';
import { CAMPAIGN_STATES, ITEM_STATES, WAIT_REASONS } from '../../../src/shared/campaign/views.js';
import { durationMs } from '../../../src/shared/duration.js';
import { FAILURE_TYPES } from '../../../src/shared/migration/failures.js';
import { METRICS } from '../../../src/shared/metric-names.js';
import { NOTIFY_EVENTS } from '../../../src/shared/notify/contract.js';
import { POLICY_NAMES, policySchema } from '../../../src/shared/migration/contract.js';
import { allPages, namesIn, ROOT, tableUnder, type Located } from '../../support/markdown.js';

const PAGES = allPages();
/** Of what prints outputs, other programs' words included, nothing is held to our names. */
const CODE: Located<string>[] = PAGES.flatMap(({ spans, blocks }) => [
  ...spans,
  ...blocks
    .filter(({ value }) => value.language !== 'text')
    .map(({ at, value }) => ({ at, value: value.lines.join('\n') })),
]);
/** Read by Node.js, by Temporal's SQL tool, and by OpenTelemetry's SDK. */
const OTHER_PROGRAMS =
  /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|SQL_(PLUGIN|HOST|PORT|USER|PASSWORD)|OTEL_(EXPORTER_OTLP_(HEADERS|TIMEOUT|CERTIFICATE)|BSP_MAX_QUEUE_SIZE))$/;
/** Macros and constants of the model, which docs/model.md names. */
const MODEL_NAMES =
  readFileSync(join(ROOT, 'test/model/migration.pml'), 'utf8').match(/\b[A-Z][A-Z_]+\b/g) ?? [];
const UUID = '00000000-0000-4000-8000-000000000001';

/** Every mention of a pattern in code, with where it stands. */
function mentioned(pattern: RegExp): Located<string>[] {
  return CODE.flatMap(({ at, value }) => [...value.matchAll(pattern)].map(([name]) => ({ at, value: name })));
}

/** Those that are none of the known ones. */
function strangers(names: readonly Located<string>[], isKnown: (name: string) => boolean): string[] {
  return names.filter(({ value }) => !isKnown(value)).map(({ at, value }) => `${at}: ${value}`);
}

function sourcesOf(folder: string): Located<string>[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|py|go)$/.test(name))
    .map((name) => ({ at: `${folder}/${name}`, value: readFileSync(join(ROOT, folder, name), 'utf8') }));
}

/** The files that a pattern is in. */
function filesWith(sources: readonly Located<string>[], pattern: RegExp): string[] {
  return sources.filter(({ value }) => pattern.test(value)).map(({ at }) => at);
}

function helpText(): string {
  let help = '';
  createProgram()
    .configureOutput({ writeOut: (text) => (help += text) })
    .outputHelp();
  return help;
}

describe('settings', () => {
  const library = createRequire(import.meta.url).resolve('@temporalio/envconfig');
  const temporals = namesRead(readFileSync(join(dirname(library), 'envconfig-toml.js'), 'utf8'));
  const documented = tableUnder('docs/reference/settings.md', '## Settings').flatMap(([names = '']) =>
    namesIn(names),
  );

  /** What a source reads of the environment, by its name. */
  function namesRead(source: string): string[] {
    const read = /(?:env|environ|environment|envProvider)(?:\.get\(|\[)["'](\w+)["']|Getenv\("(\w+)"/gi;
    return [...source.matchAll(read)].map(([, name, ofGo]) => name ?? ofGo ?? '');
  }

  function isTemporals(name: string): boolean {
    return name.endsWith('…')
      ? temporals.some((known) => known.startsWith(name.slice(0, -1)))
      : temporals.includes(name);
  }

  it('are in the table of the reference, all of them, and nothing else is', () => {
    expect(documented.filter((name) => !isTemporals(name)).sort()).toEqual([...SETTING_NAMES].sort());
  });

  it('are in the help of the command, all of them', () => {
    const help = helpText();
    for (const name of documented) expect(help).toContain(name);
  });

  it('of its own that a tool reads are named somewhere', () => {
    const read = sourcesOf('src').flatMap(({ value }) => namesRead(value));
    const own = read.filter((name) => name.startsWith('VNF_MIGRATOR_'));
    const named = mentioned(/\bVNF_MIGRATOR_\w+/g).map(({ value }) => value);
    expect(new Set(named)).toEqual(new Set(own));
  });

  it('that are named anywhere exist', () => {
    const read = ['src', 'examples'].flatMap(sourcesOf).flatMap(({ value }) => namesRead(value));
    const enumerations = [...ITEM_STATES, ...CAMPAIGN_STATES, ...Object.keys(WorkflowIdReusePolicy)];
    const known = new Set<string>([...SETTING_NAMES, ...read, ...enumerations, ...MODEL_NAMES]);
    const named = mentioned(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?:_…)?/g);
    expect(named.length).toBeGreaterThan(50);
    expect(
      strangers(named, (name) => known.has(name) || isTemporals(name) || OTHER_PROGRAMS.test(name)),
    ).toEqual([]);
  });
});

describe('the policy', () => {
  const defaults = policySchema().parse({});
  const rows = tableUnder('docs/reference/policy.md', '## Policy').map(([names = '', values = '']) => ({
    names: namesIn(names),
    values: values.split(', '),
  }));

  it('is in the reference, every part of it', () => {
    expect(rows.flatMap(({ names }) => names).sort()).toEqual([...POLICY_NAMES].sort());
  });

  it.each(rows.flatMap(({ names, values }) => names.map((name, index) => [name, values[index] ?? ''])))(
    '%s is %s by default',
    (name, value) => {
      const actual = defaults[name as keyof typeof defaults];
      expect(typeof actual === 'number' && !/^\d+$/.test(value) ? durationMs(value) : value).toEqual(
        /^\d+$/.test(value) ? String(actual) : actual,
      );
    },
  );
});

describe('campaigns', () => {
  const spec = campaignSpecSchema().parse({ items: [item()], target: { vimUuid: UUID } });

  function item() {
    return { serviceInstanceUuid: UUID, vnfUuid: UUID, vimUuid: UUID };
  }

  function valueAt(path: string): unknown {
    const whole = { ...spec, ...campaignItemSchema().parse(item()) };
    return path
      .split('.')
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], whole);
  }

  const numbers = tableUnder('docs/campaigns.md', '## What each number means')
    .map(([name = '', value = '']) => [namesIn(name)[0] ?? '', value] as const)
    .filter(([name, value]) => name !== '' && value !== '');

  it.each(numbers)('%s is %s by default', (path, text) => {
    const value = valueAt(path);
    if (text === 'none') expect(value).toBeUndefined();
    else if (path.endsWith('Timeout')) expect(value).toBe(durationMs(text));
    else expect(String(value)).toBe(text);
  });

  it('have these states and reasons to wait', () => {
    const page = readFileSync(join(ROOT, 'docs/campaigns.md'), 'utf8');
    const tables = tableUnder('docs/campaigns.md', '## States').flatMap(([names = '']) => namesIn(names));
    expect(tables.sort()).toEqual([...ITEM_STATES, ...WAIT_REASONS].sort());
    for (const state of CAMPAIGN_STATES) expect(page).toContain(`\`${state}\``);
  });
});

describe('notifications', () => {
  it('are in the docs, every event', () => {
    const rows = tableUnder('docs/notifications.md', '## The events');
    expect(rows.flatMap(([names = '']) => namesIn(names))).toEqual([...NOTIFY_EVENTS]);
  });
});

describe('failure types', () => {
  it('are in the reference, all of them', () => {
    const rows = tableUnder('docs/reference/results.md', '## Failure types');
    expect(rows.flatMap(([name = '']) => namesIn(name))).toEqual([...FAILURE_TYPES]);
  });
});

describe('metrics', () => {
  const rows = tableUnder('docs/operations.md', '## Health and metrics');

  it('are in the docs, all of them, and nothing else is', () => {
    const documented = rows.flatMap(([names = '']) => namesIn(names));
    expect(documented.filter((name) => name.startsWith('vnf_migrator_')).sort()).toEqual(
      Object.values(METRICS).sort(),
    );
    expect(strangers(mentioned(/vnf_migrator_\w+/g), (name) => documented.includes(name))).toEqual([]);
  });

  it('of replies tell every fate', () => {
    const [, , meaning = ''] = rows.find(([name]) => name === `\`${METRICS.replies}\``) ?? [];
    expect(meaning.replace(/^.*: /, '').split(', ').sort()).toEqual([...DELIVERY_OUTCOMES].sort());
  });

  it('have their names from one place, each of which is recorded', () => {
    const others = sourcesOf('src').filter(({ at }) => at !== 'src/shared/metric-names.ts');
    expect(filesWith(others, /vnf_migrator_/)).toEqual([]);
    const unrecorded = Object.keys(METRICS).filter(
      (key) => filesWith(others, new RegExp(`METRICS\\.${key}\\b`)).length === 0,
    );
    expect(unrecorded).toEqual([]);
  });
});

describe('exit codes', () => {
  const codes = Object.values(EXIT).map(String);
  const SENTENCE = /[Ee]xit codes?(?: of [^:]*)?:? (\d[^.]*)/g;

  function codesIn(text: string): string[] {
    const sentences = [...text.matchAll(SENTENCE)].map(([, told = '']) => told);
    return sentences.flatMap((told) => [...told.matchAll(/(?:^|, )(\d+)\b/g)].map(([, code = '']) => code));
  }

  it('are in the reference and in the help, all of them', () => {
    const page = readFileSync(join(ROOT, 'docs/reference/command-line.md'), 'utf8');
    const told = /Exit codes: 0 done[^.]*/.exec(page)?.[0] ?? '';
    expect(codesIn(told)).toEqual(codes);
    expect(codesIn(helpText().replaceAll('\n', ' '))).toEqual(codes);
  });

  it('that are told anywhere exist', () => {
    const told = PAGES.flatMap(({ path }) => codesIn(readFileSync(join(ROOT, path), 'utf8')));
    expect(told.length).toBeGreaterThan(10);
    expect(told.filter((code) => !codes.includes(code))).toEqual([]);
  });

  it('come from one place', () => {
    expect(filesWith(sourcesOf('src/cli'), /exit(?:Code)?(?:\(| = |: )\d/)).toEqual([]);
  });
});
