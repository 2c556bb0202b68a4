/** The command line and the docs describe the same commands with the same options. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram, withSubcommands } from '../../../src/cli/program.js';
import { POLICY_NAMES } from '../../../src/shared/migration/contract.js';
import { allPages, namesIn, ROOT, tableUnder, type Located, type Page } from '../../support/markdown.js';
import { flagsOfScript, SCRIPTS } from '../../support/npm-scripts.js';

const REFERENCE = 'docs/reference/commands.md';
const OVERVIEW = 'docs/reference/command-line.md';
const PROGRAM = createProgram();
const COMMANDS = withSubcommands(PROGRAM).slice(1);
/** Those that do something, by their names: `migrate`, `campaign start`. */
const LEAVES = COMMANDS.filter(hasAction);

/** `console` does something, and has a subcommand too. Commander tells it to nobody. */
function hasAction(command: Command): boolean {
  return (command as unknown as { _actionHandler: unknown })._actionHandler !== null;
}

function nameOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent === PROGRAM ? command.name() : `${nameOf(parent)} ${command.name()}`;
}

function flagsOf(command: Command): string[] {
  return ['--help', ...command.options.flatMap(({ long }) => (long == null ? [] : [long]))];
}

describe(REFERENCE, () => {
  it('is what --help prints; `vitest -u` on this file rewrites it', async () => {
    await expect(reference()).toMatchFileSnapshot(join(ROOT, REFERENCE));
  });

  function reference(): string {
    const parts = [PROGRAM, ...LEAVES].map(
      (command) => `## ${nameOf(command)}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`,
    );
    return [
      '# Commands\n',
      'The output of `--help` for each command. A test writes this page. What they are for: [command line](command-line.md).\n',
      ...parts,
    ].join('\n');
  }

  function helpOf(command: Command): string {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 110 }).outputHelp();
    return help.trimEnd().replace(/ +$/gm, '');
  }
});

describe('the overview of commands', () => {
  const overview = readFileSync(join(ROOT, OVERVIEW), 'utf8');

  // In a table a word alone is a command, too.
  const listed = ['## Commands', '## Campaigns']
    .flatMap((heading) => tableUnder(OVERVIEW, heading))
    .flatMap(([first = '']) => namesIn(first))
    .map((name) => name.replaceAll('\\|', '|').split(' '));

  it('names every command', () => {
    const told = [...listed, ...invocationsIn(pageNamed(OVERVIEW)).map(({ value }) => value)];
    const named = new Set(told.flatMap(commandsOf));
    expect(LEAVES.filter((command) => !named.has(command)).map(nameOf)).toEqual([]);
  });

  it('names nothing else in its tables of commands', () => {
    expect(listed.filter((words) => commandsOf(words).length === 0)).toEqual([]);
  });

  it('says which commands have no --json', () => {
    const [, told = ''] = /All but (.*?) have `--json`/.exec(overview) ?? [];
    const without = LEAVES.filter((command) => !flagsOf(command).includes('--json')).map(nameOf);
    expect(
      namesIn(told)
        .filter((name) => !name.startsWith('--'))
        .sort(),
    ).toEqual(without.sort());
  });
});

describe('what the docs show of the command line', () => {
  // The reference is held to the program as a whole.
  const pages = allPages().filter(({ path }) => path !== REFERENCE);
  const invocations = pages.flatMap(invocationsIn);

  it('is commands that exist', () => {
    expect(invocations.length).toBeGreaterThan(60);
    const unknown = invocations.filter(({ value }) => commandsOf(value).length === 0);
    expect(unknown.map(({ at, value }) => `${at}: ${value.join(' ')}`)).toEqual([]);
  });

  it('is options that those commands have', () => {
    const wrong = invocations.flatMap(({ at, value }) => {
      const known = commandsOf(value).flatMap(flagsOf);
      return flagsIn(value).flatMap((flag) =>
        known.includes(flag) ? [] : [`${at}: ${value.join(' ')}: ${flag}`],
      );
    });
    expect(wrong).toEqual([]);
  });

  it('is options that some command or script has, where they stand alone', () => {
    const known = [...COMMANDS.flatMap(flagsOf), ...SCRIPTS.flatMap(flagsOfScript)];
    const alone = pages.flatMap(({ spans }) => spans).filter(({ value }) => /^--[a-z]/.test(value));
    expect(alone.length).toBeGreaterThan(10);
    const wrong = alone.filter(({ value }) => !known.includes(flagsIn(value.split(' '))[0] ?? ''));
    expect(wrong.map(({ at, value }) => `${at}: ${value}`)).toEqual([]);
  });

  it('is parts of the policy that exist', () => {
    const pairs = pages
      .flatMap(({ spans, blocks }) => [
        ...spans.map(({ value }) => value),
        ...blocks.flatMap(({ value }) => value.lines),
      ])
      .flatMap((text) => [...text.matchAll(/--policy (\w+)=/g)].map(([, name = '']) => name));
    expect(pairs.length).toBeGreaterThan(1);
    expect(pairs.filter((name) => !POLICY_NAMES.includes(name))).toEqual([]);
  });
});

function pageNamed(path: string): Page {
  const page = allPages().find((one) => one.path === path);
  if (page === undefined) throw new Error(`no page ${path}`);
  return page;
}

/** Words of a command line after `vnf-migrator`; in backticks also without it, where they begin with a command. */
function invocationsIn({ spans, blocks }: Page): Located<string[]>[] {
  const lines = blocks
    .filter(({ value }) => value.language === 'sh')
    .flatMap(({ at, value }) => shellLines(value.lines).map((line) => ({ at, value: line })));
  return [...spans, ...lines].flatMap(({ at, value }) =>
    value.split(/ && | \| |; /).flatMap((line) => {
      // A table's own bars are escaped.
      const words = line.replaceAll('\\|', '|').trim().split(/\s+/);
      const own = words.slice(words.indexOf(PROGRAM.name()) + 1);
      const isOurs = own.length < words.length ? /^[a-z]/.test(own[0] ?? '') : isCommandLine(words);
      return isOurs ? [{ at, value: own }] : [];
    }),
  );
}

/** More than one word, so that a word of everyday use is none. */
function isCommandLine(words: readonly string[]): boolean {
  return words.length > 1 && /^[-<[`"…a-z]/.test(words[1] ?? '') && commandsOf(words).length > 0;
}

/** Without comments; what a backslash continues is one line. */
function shellLines(lines: readonly string[]): string[] {
  const whole = lines.map((line) => line.replace(/(^|\s)#.*$/, '')).join('\n');
  return whole.replaceAll(/\\\n/g, ' ').split('\n');
}

/** The commands that the words may mean: `pause|resume <name>` are two, and `start --report` is that of campaigns. */
function commandsOf(words: readonly string[]): Command[] {
  const [first = '', second = ''] = words;
  const named = (command: Command, word: string): boolean => word.split('|').includes(command.name());
  const top = PROGRAM.commands.filter((command) => named(command, first));
  const below = top.flatMap(({ commands }) => commands).filter((command) => named(command, second));
  if (below.length > 0) return below;
  const nested = PROGRAM.commands
    .flatMap(({ commands }) => commands)
    .filter((command) => named(command, first));
  return [...top, ...nested];
}

function flagsIn(words: readonly string[]): string[] {
  return words.flatMap((word) => /^--[a-z][a-z-]*/.exec(word)?.slice(0, 1) ?? []);
}
