/**
 * Builds a campaign from the command line: from a file with the whole campaign, from options, or from both. An
 * option overrides the file.
 *
 * Invariant: all problems are reported together, each with its option or its file and line, before any request is
 * sent.
 */
import { Option, type Command } from 'commander';
import {
  campaignSpecSchema,
  type CampaignInput,
  type CampaignItemInput,
} from '../../shared/campaign/contract.js';
import { defaultName } from '../../client/campaign-name.js';
import { withVimUuids, type ResolveVim } from '../../vims/names.js';
import { presentUser } from './actor.js';
import { namedValues, repeated, yamlValue } from './arguments.js';
import { CommandError, EXIT, indented } from '../exit-codes.js';
import { readItems, type ItemsReading } from './items-file.js';
import { readSpec, type SpecFile } from './spec-file.js';
import { bytesOf } from './text-file.js';
import { vimResolverFromSettings } from './vim-names.js';

export interface SpecOptions {
  spec?: string;
  items?: string;
  evacuate?: string[];
  include?: string[];
  exclude?: string[];
  target?: string[];
  strategy?: string;
  headroom?: string;
  limit?: string[];
  canary?: string;
  canaryGoOn?: boolean;
  order?: string;
  gate?: string;
  soak?: string;
  window?: string[];
  cutoff?: string;
  notBefore?: string;
  rampUp?: string[];
  notify?: string[];
  budget?: string[];
  policy?: string[];
  name?: string;
  actor?: string;
  reason?: string;
}

export interface NamedCampaign {
  name: string;
  input: CampaignInput;
}

/** `--actor` of every order. */
export function actorOption(): Option {
  return new Option('--actor <name>', 'who orders it; by default the user');
}

/** `--anyway` of everything that starts a campaign. */
export function anywayOption(): Option {
  return new Option(
    '--anyway',
    'also while a running campaign empties its targets, or fills what it empties',
  );
}

export function windowOption(): Option {
  const example = '{kind: allow, cron: "0 22 * * 1-5", duration: 6h, timeZone: Europe/Athens}';
  return new Option(
    '--window <yaml>',
    `when items may start, such as '${example}'; may be repeated`,
  ).argParser(repeated);
}

export function cutoffOption(): Option {
  return new Option(
    '--cutoff <duration>',
    'nothing starts so shortly before a window closes; auto by default',
  );
}

export function notBeforeOption(): Option {
  return new Option('--not-before <time>', 'nothing starts before it, such as 2026-12-24T22:00+02:00');
}

/** The fields that windows and times have, of options that have them. */
export function timesOf({
  window,
  cutoff,
  notBefore,
}: Pick<SpecOptions, 'window' | 'cutoff' | 'notBefore'>): Fields {
  return {
    ...(window === undefined ? {} : { windows: window.map(yamlValue) }),
    ...(cutoff === undefined ? {} : { cutoff }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

export function withSpecOptions(command: Command): Command {
  const many = (flags: string, words: string): Option =>
    new Option(flags, `${words}; may be repeated`).argParser(repeated);
  return command
    .option('--spec <file>', 'the whole campaign, in YAML or JSON; options go before what it says')
    .addOption(new Option('--items <file>', 'what moves: CSV with a header, or a list in YAML or JSON'))
    .addOption(
      many('--evacuate <vim>', 'empty this VIM, by name or uuid (needs REPOSITORY_URL)').conflicts('items'),
    )
    .addOption(
      many('--include <service=uuid>', 'evacuate only this service, or vnf=<uuid>').conflicts('items'),
    )
    .addOption(many('--exclude <service=uuid>', 'leave this service there, or vnf=<uuid>').conflicts('items'))
    .addOption(many('--target <vim>', 'where to, by name or uuid'))
    .addOption(
      new Option(
        '--strategy <strategy>',
        'of several targets: spread, evenly by number (default), or most-free, by room',
      ).choices(['spread', 'most-free']),
    )
    .option('--headroom <share>', 'with most-free: the share of each VIM that stays free, by default 10%')
    .addOption(
      many('--limit <name=n>', 'migrations at a time, by default total=6, perSourceVim=2, perTargetVim=2'),
    )
    .option('--canary <n>', 'so many go first, then it waits for `campaign approve`')
    .option('--canary-go-on', 'continue without approval after the canary')
    .addOption(
      new Option('--order <order>', 'priority, or input: as they are listed').choices(['priority', 'input']),
    )
    .addOption(
      new Option('--gate <gate>', 'between waves: manual waits for approve').choices(['none', 'manual']),
    )
    .option('--soak <duration>', 'time between two waves, such as 10m')
    .addOption(windowOption())
    .addOption(cutoffOption())
    .addOption(notBeforeOption())
    .addOption(many('--ramp-up <name=n>', 'migrations at a time grow, such as from=1, factor=2'))
    .addOption(many('--notify <receiver>', 'whom to tell, of the NOTIFY_FILE of the workers'))
    .addOption(
      many(
        '--budget <name=value>',
        'when it is too much, by default maxErrors=10%, maxConsecutive=4, action=pause',
      ),
    )
    .addOption(many('--policy <name=value>', 'of each migration, such as finalTimeout=1h'))
    .option('--name <name>', 'by default made of what moves, so that the same command again joins it')
    .addOption(actorOption())
    .option('--reason <text>', 'why, for the audit trail');
}

export type CampaignReading =
  { kind: 'campaign'; campaign: NamedCampaign } | { kind: 'wrong'; problems: string[] };

/**
 * `resolve` finds VIMs by their names.
 * @throws CommandError that names all that is wrong
 */
export async function campaignFrom(
  options: SpecOptions,
  resolve: ResolveVim = vimResolverFromSettings(),
): Promise<NamedCampaign> {
  const reading = await readCampaign(options, resolve);
  if (reading.kind === 'wrong') throw wrongCampaign(reading.problems);
  return reading.campaign;
}

export function wrongCampaign(problems: readonly string[]): CommandError {
  return new CommandError(`the campaign is wrong:\n${indented(cut(problems))}`, { code: EXIT.usage });
}

/** For commands that have problems of their own to add. */
export async function readCampaign(
  options: SpecOptions,
  resolve: ResolveVim = vimResolverFromSettings(),
): Promise<CampaignReading> {
  const problems: string[] = [];
  const file = options.spec === undefined ? null : readSpec(options.spec, bytesOf(options.spec));
  if (file?.kind === 'wrong') problems.push(...file.problems);
  const spec = file?.kind === 'spec' ? file.spec : null;
  const items = itemsFrom(options, problems);
  const given = fromOptions(options, { items, problems });
  const { input: merged, problems: names } = await withVimUuids(mergedWith(spec, given), resolve);
  const origins = { options, spec, given, lines: items?.lines ?? null };
  problems.push(...names.map(({ path, message }) => placed({ path, message }, origins)));
  // What could not be read would only be reported as missing.
  if (problems.length === 0) problems.push(...wrongIn(merged, origins));
  if (problems.length > 0) return { kind: 'wrong', problems };
  const input = merged as CampaignInput;
  return {
    kind: 'campaign',
    campaign: { input, name: options.name ?? spec?.name ?? defaultName(input) },
  };
}

type ListedItems = Extract<ItemsReading, { kind: 'items' }>;

function itemsFrom({ items }: SpecOptions, problems: string[]): ListedItems | null {
  if (items === undefined) return null;
  const reading = readItems(items, bytesOf(items));
  if (reading.kind === 'items') return reading;
  problems.push(...reading.problems);
  return null;
}

type Fields = Record<string, unknown>;

/** The values of the options, by field of the specification. */
function fromOptions(
  options: SpecOptions,
  { items, problems }: { items: ListedItems | null; problems: string[] },
): Fields {
  const { evacuate, target, canary, order, gate, actor, reason } = options;
  const given: Fields = {};
  if (items !== null) given['items'] = items.items;
  if (evacuate !== undefined) given['evacuate'] = { vims: [...new Set(evacuate)] };
  for (const name of ['include', 'exclude'] as const) {
    const selection = selectionOf(name, { values: options[name] ?? [], problems });
    if (selection !== null)
      given['evacuate'] = { ...(given['evacuate'] as Fields | undefined), [name]: selection };
  }
  if (target !== undefined) given['target'] = targetOf([...new Set(target)], options);
  else if (options.strategy !== undefined) problems.push('--strategy: it needs --target <vim>');
  if (options.headroom !== undefined && options.strategy !== 'most-free')
    problems.push('--headroom: it needs --strategy most-free');
  if (options.limit !== undefined) given['limits'] = namedValues('--limit', options.limit);
  if (options.budget !== undefined) given['budget'] = namedValues('--budget', options.budget.map(budgetPair));
  if (options.policy !== undefined) given['policy'] = namedValues('--policy', options.policy);
  if (canary !== undefined) given['canary'] = { count: /^\d+$/.test(canary) ? Number(canary) : canary };
  if (options.canaryGoOn === true)
    given['canary'] = { ...(given['canary'] as Fields | undefined), pauseAfter: false };
  if (order !== undefined) given['order'] = order;
  if (gate !== undefined) given['waves'] = { gate };
  if (options.soak !== undefined)
    given['waves'] = { ...(given['waves'] as Fields | undefined), soak: options.soak };
  if (options.rampUp !== undefined) given['rampUp'] = namedValues('--ramp-up', options.rampUp);
  if (options.notify !== undefined) given['notify'] = options.notify;
  Object.assign(given, timesOf(options));
  if (actor !== undefined) given['actor'] = actor;
  if (reason !== undefined) given['reason'] = reason;
  return given;
}

function targetOf(targets: readonly string[], { strategy, headroom }: SpecOptions): Fields {
  if (strategy === 'most-free') {
    return { vims: targets, strategy, ...(headroom === undefined ? {} : { headroom }) };
  }
  return targets.length === 1 ? { vimUuid: targets[0] } : { vims: targets, strategy: 'spread' };
}

/** `--budget 3` and `--budget 10%` set maxErrors. */
export function budgetPair(text: string): string {
  return /^\d+ ?%?$/.test(text) ? `maxErrors=${text}` : text;
}

function selectionOf(
  option: 'include' | 'exclude',
  { values, problems }: { values: readonly string[]; problems: string[] },
): Fields | null {
  if (values.length === 0) return null;
  const selection: { serviceInstanceUuids: string[]; vnfUuids: string[] } = {
    serviceInstanceUuids: [],
    vnfUuids: [],
  };
  for (const value of values) {
    const [, kind, id = ''] = /^(service|vnf)=(.*)$/.exec(value) ?? [];
    if (kind === undefined) problems.push(`--${option} ${value}: expected service=<uuid> or vnf=<uuid>`);
    else selection[kind === 'service' ? 'serviceInstanceUuids' : 'vnfUuids'].push(id);
  }
  return selection;
}

/** For these fields, which are objects, options and file are merged by key. */
const PUT_TOGETHER = ['limits', 'budget', 'policy', 'canary', 'waves', 'evacuate', 'rampUp'];

function mergedWith(spec: SpecFile | null, given: Fields): Fields {
  const merged: Fields = { ...spec?.input };
  for (const [field, value] of Object.entries(given)) {
    const own = merged[field];
    const together = PUT_TOGETHER.includes(field) && typeof own === 'object' && own !== null;
    merged[field] = together ? { ...own, ...(value as Fields) } : value;
  }
  // The actor is the user of the command, because that user is not the author of the file.
  return { ...merged, actor: merged['actor'] ?? presentUser() };
}

interface Origins {
  options: SpecOptions;
  spec: SpecFile | null;
  given: Fields;
  /** Of each item of --items. */
  lines: readonly number[] | null;
}

const OPTION_OF_FIELD: Record<string, string> = {
  limits: '--limit',
  waves: '--gate',
  windows: '--window',
  notBefore: '--not-before',
  rampUp: '--ramp-up',
};

function wrongIn(merged: Fields, origins: Origins): string[] {
  const { options, spec, given } = origins;
  const { items, evacuate, target } = merged;
  if (items === undefined && evacuate === undefined) {
    return ['nothing says what moves: --items <file>, --evacuate <vim>, or a --spec with items or evacuate'];
  }
  if (items !== undefined && evacuate !== undefined) {
    const both = spec === null ? '' : `: ${options.spec ?? ''} has one of them already`;
    return [`either items or evacuate${both}`];
  }
  const homeless =
    given['items'] === undefined ? [] : (items as CampaignItemInput[]).filter((item) => !item.vimUuid);
  if (target === undefined && (evacuate !== undefined || homeless.length > 0)) {
    const whose = evacuate === undefined ? `: ${homeless.length} items do not say where they go` : '';
    return [`--target <vim> is missing${whose}`];
  }
  const { error } = campaignSpecSchema().safeParse(merged);
  return (error?.issues ?? []).map((issue) => {
    // An unknown key is looked for where it stands, not where its object begins.
    const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
    return placed({ path, message: issue.message }, origins);
  });
}

/** A problem with its place: an option, or a line of a file. */
function placed(
  { path, message }: { path: PropertyKey[]; message: string },
  { options, spec, given, lines }: Origins,
): string {
  const [field = '', name = ''] = path.map(String);
  const isGiven =
    given[field] !== undefined && (!isFields(given[field]) || name === '' || name in given[field]);
  if (spec !== null && !isGiven) return spec.problem(path, message);
  const line = field === 'items' ? lines?.[Number(name)] : undefined;
  if (line !== undefined) {
    return `${options.items ?? ''}:${line}: ${[...path.slice(2).map(String), ''].join(': ')}${message}`;
  }
  // An option that is repeated is named once; which of them it is, the message says.
  const rest = path
    .slice(1)
    .filter((part) => !(typeof part === 'number' || part === 'vims' || part === 'vimUuid'));
  return `${[OPTION_OF_FIELD[field] ?? `--${field}`, ...rest.map(String)].join(' ').trimEnd()}: ${message}`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_PROBLEMS = 100;

function cut(problems: readonly string[]): string[] {
  if (problems.length <= MAX_PROBLEMS) return [...problems];
  return [...problems.slice(0, MAX_PROBLEMS), `and ${problems.length - MAX_PROBLEMS} more`];
}
