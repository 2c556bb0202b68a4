/**
 * A campaign while it is written: texts, whatever they hold, and the specification that they make. Pure.
 *
 * Invariant: an empty text is left out, so that the console's default holds. What is no number is sent as it is: the console
 * says what would be right.
 */
import type { CampaignInput } from '../../../../shared/campaign/contract.js';
import { windowOf, type WindowDraft } from '../../components/window-draft.js';
import { readItems } from '../../text/items-text.js';
import type { FieldProblem } from '../../api/problem.js';

export const SOURCES = ['evacuate', 'items', 'specification'] as const;
/** What moves: VIMs to empty, a list, or a whole specification. */
export type Source = (typeof SOURCES)[number];

export const STRATEGIES = ['one', 'spread', 'most-free'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** The fields that are one line of text. */
const DEFAULT_TEXTS = {
  name: '',
  reason: '',
  headroom: '10%',
  total: '6',
  perSourceVim: '2',
  perTargetVim: '2',
  maxErrors: '10%',
  maxConsecutive: '4',
  canary: '',
  soak: '',
  cutoff: '',
  notBefore: '',
  rampFrom: '',
  rampFactor: '',
  notify: '',
  includeServices: '',
  includeVnfs: '',
  excludeServices: '',
  excludeVnfs: '',
  items: '',
  specification: '',
  assume: '2m',
};
export type TextName = keyof typeof DEFAULT_TEXTS;

export interface Draft extends Record<TextName, string> {
  source: Source;
  evacuate: readonly string[];
  targets: readonly string[];
  strategy: Strategy;
  order: 'priority' | 'input';
  pauseAfterCanary: boolean;
  gate: 'none' | 'manual';
  budgetAction: 'pause' | 'abort';
  windows: readonly WindowDraft[];
}

export function emptyDraft(evacuate: readonly string[]): Draft {
  return {
    ...DEFAULT_TEXTS,
    source: 'evacuate',
    evacuate,
    targets: [],
    strategy: 'one',
    order: 'priority',
    pauseAfterCanary: true,
    gate: 'none',
    budgetAction: 'pause',
    windows: [],
  };
}

export interface CampaignBody {
  name?: string;
  campaign: CampaignInput;
}

/** What is sent, or why nothing can be. */
export type Written = { kind: 'body'; body: CampaignBody } | { kind: 'wrong'; problems: FieldProblem[] };

export function bodyOf(draft: Draft): Written {
  if (draft.source === 'specification') return bodyOfSpecification(draft);
  if (draft.source === 'evacuate') return { kind: 'body', body: namedBody(draft, evacuationOf(draft)) };
  const reading = readItems(draft.items);
  if (reading.kind === 'items') return { kind: 'body', body: namedBody(draft, { items: reading.items }) };
  return {
    kind: 'wrong',
    problems: reading.problems.map((detail) => ({ pointer: '/campaign/items', detail })),
  };
}

/** A specification may name itself, as in a file for the command line. */
function bodyOfSpecification({ specification, name, reason }: Draft): Written {
  const problem = (detail: string): Written => ({
    kind: 'wrong',
    problems: [{ pointer: '/campaign', detail }],
  });
  let value: unknown;
  try {
    value = JSON.parse(specification);
  } catch (error) {
    return problem(`this is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return problem('expected one object');
  const { name: ownName, ...campaign } = value as CampaignInput & { name?: string };
  const chosen = name === '' ? (ownName ?? '') : name;
  const why = reason === '' ? {} : { reason };
  return { kind: 'body', body: { ...given({ name: chosen }), campaign: { ...campaign, ...why } } };
}

function namedBody(draft: Draft, moves: Partial<CampaignInput>): CampaignBody {
  const campaign = { ...moves, ...targetOf(draft), ...settingsOf(draft) };
  return { ...given({ name: draft.name }), campaign };
}

function evacuationOf(draft: Draft): Partial<CampaignInput> {
  const { evacuate, includeServices, includeVnfs, excludeServices, excludeVnfs } = draft;
  const include = selectionOf(includeServices, includeVnfs);
  const exclude = selectionOf(excludeServices, excludeVnfs);
  return {
    evacuate: {
      vims: [...evacuate],
      ...(include === null ? {} : { include }),
      ...(exclude === null ? {} : { exclude }),
    },
  };
}

function selectionOf(services: string, vnfs: string) {
  const [serviceInstanceUuids, vnfUuids] = [wordsOf(services), wordsOf(vnfs)];
  return serviceInstanceUuids.length + vnfUuids.length === 0 ? null : { serviceInstanceUuids, vnfUuids };
}

function targetOf({ targets, strategy, headroom }: Draft): Pick<CampaignInput, 'target'> {
  const [first] = targets;
  if (first === undefined) return {};
  switch (strategy) {
    case 'one':
      return { target: { vimUuid: first } };
    case 'spread':
      return { target: { vims: [...targets], strategy } };
    case 'most-free':
      return { target: { vims: [...targets], strategy, ...given({ headroom }) } };
  }
}

function settingsOf(draft: Draft): object {
  const { total, perSourceVim, perTargetVim, maxErrors, maxConsecutive, budgetAction } = draft;
  const { canary, pauseAfterCanary, gate, soak, windows, cutoff, notBefore, rampFrom, rampFactor } = draft;
  const rampUp = numbers({ from: rampFrom, factor: rampFactor });
  const receivers = wordsOf(draft.notify);
  return {
    limits: numbers({ total, perSourceVim, perTargetVim }),
    budget: { ...numbers({ maxErrors, maxConsecutive }), action: budgetAction },
    order: draft.order,
    waves: { gate, ...given({ soak }) },
    ...(canary === '' ? {} : { canary: { ...numbers({ count: canary }), pauseAfter: pauseAfterCanary } }),
    ...(windows.length === 0 ? {} : { windows: windows.map(windowOf) }),
    ...given({ cutoff, notBefore }),
    ...(Object.keys(rampUp).length === 0 ? {} : { rampUp }),
    ...(receivers.length === 0 ? {} : { notify: receivers }),
    ...given({ reason: draft.reason }),
  };
}

/** Separated by spaces, commas or line ends. */
function wordsOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter((word) => word !== '');
}

function given(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts)
      .map(([name, text]): [string, string] => [name, text.trim()])
      .filter(([, text]) => text !== ''),
  );
}

function numbers(texts: Readonly<Record<string, string>>): Record<string, number | string> {
  return Object.fromEntries(
    Object.entries(given(texts)).map(([name, text]) => [
      name,
      /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text,
    ]),
  );
}
