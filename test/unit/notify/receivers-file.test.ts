import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { checkReceiversFile } from '../../../src/doctor/receivers.js';
import type { Check } from '../../../src/doctor/check.js';
import { ConfigError, loadConfig } from '../../../src/settings/config.js';
import { NOTIFY_EVENTS } from '../../../src/shared/notify/contract.js';

const folder = mkdtempSync(join(tmpdir(), 'receivers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = randomBytes(32).toString('base64');
const SECRET = `whsec_${KEY}`;

function fileOf(text: string): string {
  const file = join(folder, randomBytes(8).toString('hex'));
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** Of a receivers file with this text; nothing of them is secret. */
function problemsIn(text: string): readonly string[] {
  return problemsWith(fileOf(text));
}

function problemsWith(NOTIFY_FILE: string): readonly string[] {
  try {
    loadConfig({ NOTIFY_FILE });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).not.toContain(KEY);
    expect(error.message).not.toMatch(/canary/);
    return error.problems;
  }
  throw new Error('the settings were taken');
}

const receiver = (more: Record<string, string>): string =>
  `ops:\n${Object.entries({ url: 'https://ops.example/hook', secret: SECRET, ...more })
    .map(([name, value]) => `  ${name}: ${value}\n`)
    .join('')}`;

describe('a receivers file', () => {
  it('names receivers, each with its events', () => {
    const { notify } = loadConfig({
      NOTIFY_FILE: fileOf(
        `# ours\n${receiver({ events: '[ended, item-failed]' })}\nall-2:\n  url: http://10.0.0.1:8080\n  secret: "${SECRET}"\n`,
      ),
    });
    expect([...notify.receivers].map(([name, { host }]) => [name, host])).toEqual([
      ['ops', 'ops.example'],
      ['all-2', '10.0.0.1:8080'],
    ]);
    const wanted = (name: string) =>
      NOTIFY_EVENTS.filter((event) => notify.receivers.get(name)!.wants(event));
    expect(wanted('ops')).toEqual(['item-failed', 'ended']);
    expect(wanted('all-2')).toEqual([...NOTIFY_EVENTS]);
  });

  it('that is not set names nobody', () => {
    expect(loadConfig({ NOTIFY_FILE: '' }).notify).toEqual({ file: null, receivers: new Map() });
  });

  it('cannot be printed', () => {
    const url = 'https://canary-user:canary-password@ops.example/canary-path?token=canary-token';
    const { notify } = loadConfig({ NOTIFY_FILE: fileOf(receiver({ url })) });
    for (const told of [
      inspect(notify, { depth: 9, showHidden: true }),
      JSON.stringify([...notify.receivers]),
    ]) {
      expect(told).toContain('ops.example');
      expect(told).not.toContain(KEY);
      expect(told).not.toMatch(/canary/);
    }
  });

  const URL_HOW = 'expected an http or https URL such as https://ops.example/hooks, without a fragment';
  const SECRET_HOW = /^NOTIFY_FILE: receiver ops: secret: expected a secret of Standard Webhooks: whsec_/;

  it.each(['canary', 'ftp://canary', 'mailto:canary@ops.example', 'https://ops.example/#canary', '12', '[]'])(
    'has no address %s',
    (url) => {
      expect(problemsIn(receiver({ url }))).toEqual([`NOTIFY_FILE: receiver ops: url: ${URL_HOW}`]);
    },
  );

  it.each([
    ['none', ''],
    ['without its beginning', KEY],
    ['that is empty', 'whsec_'],
    ['that is no base64', 'whsec_canary-canary-canary-canary-canary'],
    ['without its padding', SECRET.replace(/=+$/, '')],
    ['that is too short', `whsec_${randomBytes(23).toString('base64')}`],
    ['that is too long', `whsec_${randomBytes(65).toString('base64')}`],
  ])('has no secret %s', (_, secret) => {
    expect(problemsIn(receiver({ secret }))).toEqual([expect.stringMatching(SECRET_HOW)]);
  });

  it.each([24, 64])('has a secret of %i bytes', (bytes) => {
    const secret = `whsec_${randomBytes(bytes).toString('base64')}`;
    expect(loadConfig({ NOTIFY_FILE: fileOf(receiver({ secret })) }).notify.receivers.size).toBe(1);
  });

  it.each([
    ['events: [canary]', /ops: events: number 1: expected one of started, awaiting-approval, /],
    ['events: [ended, Ended]', /ops: events: number 2: expected one of /],
    ['events: ended', /ops: events: expected a list of events such as /],
    ['events: []', /ops: events: expected a list of events such as /],
    ['canary: 1', /ops: expected url, secret and events, and nothing else$/],
  ])('does not have %s', (line, message) => {
    const [name = '', value = ''] = line.split(': ');
    expect(problemsIn(receiver({ [name]: value }))).toEqual([expect.stringMatching(message)]);
  });

  it('has every problem named', () => {
    const found = problemsIn(`canary_1:\n  url: 1\nops:\n  events: [canary]\nempty:\n`);
    expect(found.map((problem) => problem.replace(/: expected .*/, ''))).toEqual([
      'NOTIFY_FILE: receiver 1 of the file',
      'NOTIFY_FILE: receiver 1 of the file: url',
      'NOTIFY_FILE: receiver 1 of the file: secret',
      'NOTIFY_FILE: receiver ops: url',
      'NOTIFY_FILE: receiver ops: secret',
      'NOTIFY_FILE: receiver ops: events: number 1',
      'NOTIFY_FILE: receiver empty',
    ]);
  });

  it.each(['', '# nobody', '[]', 'canary', '{}', 'a: 1\n---\nb: 2'])('does not consist of %j', (text) => {
    expect(problemsIn(text)).toEqual([
      'NOTIFY_FILE: expected a name for each receiver, with its url and secret',
    ]);
  });

  it.each([
    `ops:\n  secret: *canary\n`,
    `ops:\n  secret: "canary\\q"\n`,
    `ops: {secret: ${SECRET}\n`,
    `${receiver({})}${receiver({})}`,
    `ops: !canary 1`,
  ])('that is no YAML is not quoted', (text) => {
    expect(problemsIn(text)).toEqual([
      expect.stringMatching(/^NOTIFY_FILE: it is not YAML \(line \d+, column \d+\)$/),
    ]);
  });

  it.each([
    ['is missing', '/nowhere/canary', 'ENOENT'],
    ['is a folder', '/', 'EISDIR'],
    ['is its own content', `canary\0`, 'ERR_INVALID_ARG_VALUE'],
  ])('that %s is not repeated', (_, path, code) => {
    expect(problemsWith(path)).toEqual([`NOTIFY_FILE: the file cannot be read: ${code}`]);
  });
});

describe('the doctor', () => {
  function checks(NOTIFY_FILE: string): Check[] {
    const found: Check[] = [];
    checkReceiversFile(loadConfig({ NOTIFY_FILE }), (check) => found.push(check));
    return found;
  }

  it('names the receivers, without their secrets', () => {
    const [check, ...others] = checks(fileOf(receiver({ url: 'https://u:canary@ops.example/canary' })));
    expect(others).toEqual([]);
    expect(check).toMatchObject({
      state: 'ok',
      text: expect.stringMatching(/^ops \(ops\.example\) \(of/) as string,
    });
    expect(check!.text).not.toMatch(/canary/);
  });

  it('warns of a file that everybody can read', () => {
    const file = fileOf(receiver({}));
    chmodSync(file, 0o644);
    expect(checks(file)).toMatchObject([
      { state: 'warning', text: expect.stringContaining('chmod o-r') as string },
    ]);
  });

  it('says nothing where nobody can be told', () => {
    expect(checks('')).toEqual([]);
  });
});
