/**
 * A campaign on its way from one run to the next: all of it in one compact payload.
 *
 * Invariants: `unpack(pack(state))` is a campaign that goes on in the same way; 10,000 items stay below 1.5 MiB,
 * whatever has become of them: an item is a line of about a hundred characters, and texts, which can be long, are
 * kept once each, up to a limit, beyond which an item keeps its failure type alone.
 */
import { ITEM_STATES } from '../../shared/campaign/views.js';
import { compactUuid, COMPACT_LENGTH, fullUuid } from '../../shared/compact-uuid.js';
import { needsFromText, needsText, type VnfNeeds } from '../../shared/vim/demand.js';
import { AuditTrail, type TrailEntry } from './audit-trail.js';
import type { Item } from './item.js';
import type { CampaignFacts } from './facts.js';
import { ranksOf } from './start-order.js';
import { CampaignState } from './state.js';

export interface CarriedCampaign {
  version: 1;
  facts: CampaignFacts;
  vims: string[];
  failureTypes: string[];
  texts: string[];
  /** Names of VNFs and services, and needs. Not there in a campaign that a worker of version 0.1 carried. */
  names?: string[];
  needs?: string[];
  /** One line an item: see `packItem`. */
  items: string;
  audit: { entries: readonly TrailEntry[]; forgotten: number };
}

/** In characters, over all texts of items. */
const MOST_TEXT = 200_000;
/** Of names: of more VNFs the names are forgotten. */
const MOST_NAMES = 200_000;
const RADIX = 36;
const NONE = '';

export function pack({ facts, items, audit }: CampaignState): CarriedCampaign {
  const vims = new Table();
  const failureTypes = new Table();
  const texts = new Table(MOST_TEXT);
  const names = new Table(MOST_NAMES);
  const needs = new Table();
  const startedAtMs = facts.startedAtMs;
  const tables = { vims, failureTypes, texts, names, needs, startedAtMs };
  const lines = items.map((item) => packItem(item, tables));
  return {
    version: 1,
    facts,
    items: lines.join(';'),
    vims: vims.entries,
    failureTypes: failureTypes.entries,
    texts: texts.entries,
    names: names.entries,
    needs: needs.entries,
    audit: audit.carried,
  };
}

export function unpack(carried: CarriedCampaign): CampaignState {
  const { facts, items, audit } = carried;
  const lines = items === '' ? [] : items.split(';');
  const unranked = lines.map((line, index) => unpackItem(line, { index, carried }));
  const ranks = ranksOf(unranked, facts);
  return new CampaignState({
    facts,
    items: unranked.map((item) => ({ ...item, rank: ranks.get(item) ?? item.index })),
    audit: new AuditTrail([...audit.entries], audit.forgotten),
  });
}

interface Tables {
  vims: Table;
  failureTypes: Table;
  texts: Table;
  names: Table;
  needs: Table;
  startedAtMs: number;
}

/** Distinct texts, by number; beyond its limit it takes no more. */
class Table {
  readonly entries: string[] = [];
  private readonly numbers = new Map<string, number>();
  private size = 0;

  constructor(private readonly limit = Number.POSITIVE_INFINITY) {}

  numberOf(text: string | null): string {
    if (text === null) return NONE;
    const known = this.numbers.get(text);
    if (known !== undefined) return known.toString(RADIX);
    if (this.size + text.length > this.limit) return NONE;
    this.size += text.length;
    const number = this.entries.push(text) - 1;
    this.numbers.set(text, number);
    return number.toString(RADIX);
  }
}

const FLAGS = ['hasBegun', 'isOwned', 'mustLookUp', 'mayReuseId', 'hasOwnTarget'] as const;

/** Service, VNF and state have a fixed length; what follows is separated, and empty at the end as a rule. */
function packItem(item: Item, { vims, failureTypes, texts, names, needs, startedAtMs }: Tables): string {
  const offset = (atMs: number | null): string => numberText(atMs === null ? null : atMs - startedAtMs);
  const flags = sumOf(FLAGS.map((flag, bit) => (item[flag] ? 2 ** bit : 0)));
  const fixed =
    compactUuid(item.service) + compactUuid(item.vnf) + ITEM_STATES.indexOf(item.state).toString(RADIX);
  const rest = [
    vims.numberOf(item.source),
    vims.numberOf(item.target),
    offset(item.startedAtMs),
    offset(item.finishedAtMs),
    numberOrNone(flags, 0),
    optionalUuid(item.newVnf),
    numberOrNone(item.stage, 0),
    numberOrNone(item.wave, 1),
    numberOrNone(item.priority, 0),
    numberOrNone(item.generation, 1),
    optionalUuid(item.present === item.vnf ? null : item.present),
    failureTypes.numberOf(item.failureType),
    texts.numberOf(item.message),
    optionalUuid(item.runId),
    offset(item.heardAtMs === 0 ? null : item.heardAtMs),
    offset(item.notBeforeMs === 0 ? null : item.notBeforeMs),
    numberOrNone(item.asked, 0),
    numberOrNone(item.busyEnds, 0),
    numberOrNone(item.silentEnds, 0),
    numberOrNone(item.owners, 0),
    names.numberOf(item.vnfName),
    names.numberOf(item.serviceName),
    needs.numberOf(item.needs === null ? null : needsText(item.needs)),
  ];
  return fixed + rest.join(',').replace(/,+$/, '');
}

function unpackItem(line: string, { index, carried }: { index: number; carried: CarriedCampaign }): Item {
  const { vims, failureTypes, texts, names = [], needs = [] } = carried;
  const { startedAtMs } = carried.facts;
  const head = 2 * COMPACT_LENGTH;
  const fields = line.slice(head + 1).split(',');
  let at = 0;
  const next = (): string => fields[at++] ?? NONE;
  const number = (fallback: number): number => {
    const text = next();
    return text === NONE ? fallback : Number.parseInt(text, RADIX);
  };
  const entry = (table: string[]): string | null => table[number(-1)] ?? null;
  const uuid = (): string | null => {
    const text = next();
    return text === NONE ? null : fullUuid(text);
  };
  const time = (): number | null => {
    const text = next();
    return text === NONE ? null : startedAtMs + Number.parseInt(text, RADIX);
  };
  const vnf = fullUuid(line.slice(COMPACT_LENGTH, head));
  // In the order of packItem: each of these takes the next field.
  const source = entry(vims);
  const target = entry(vims);
  const startedAt = time();
  const finishedAt = time();
  const flags = number(0);
  const newVnf = uuid();
  return {
    index,
    rank: index,
    service: fullUuid(line.slice(0, COMPACT_LENGTH)),
    vnf,
    state: ITEM_STATES[Number.parseInt(line.slice(head, head + 1), RADIX)] ?? 'UNKNOWN',
    source,
    target,
    startedAtMs: startedAt,
    finishedAtMs: finishedAt,
    ...flagsOf(flags),
    newVnf,
    stage: number(0),
    wave: number(1),
    priority: number(0),
    generation: number(1),
    present: uuid() ?? vnf,
    failureType: entry(failureTypes),
    message: entry(texts),
    runId: uuid(),
    heardAtMs: time() ?? 0,
    notBeforeMs: time() ?? 0,
    asked: number(0),
    busyEnds: number(0),
    silentEnds: number(0),
    owners: number(0),
    vnfName: entry(names),
    serviceName: entry(names),
    needs: needsOf(entry(needs)),
    isQueued: false,
  };
}

function needsOf(text: string | null): VnfNeeds | null {
  return text === null ? null : needsFromText(text);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function flagsOf(bits: number): Record<(typeof FLAGS)[number], boolean> {
  const isSet = (bit: number): boolean => (bits & (2 ** bit)) !== 0;
  return {
    hasBegun: isSet(0),
    isOwned: isSet(1),
    mustLookUp: isSet(2),
    mayReuseId: isSet(3),
    hasOwnTarget: isSet(4),
  };
}

function numberText(value: number | null): string {
  return value === null ? NONE : value.toString(RADIX);
}

function numberOrNone(value: number, usual: number): string {
  return value === usual ? NONE : value.toString(RADIX);
}

function optionalUuid(uuid: string | null): string {
  return uuid === null ? NONE : compactUuid(uuid);
}
