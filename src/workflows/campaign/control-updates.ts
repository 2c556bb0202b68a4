/**
 * Orders to a campaign: whether one is taken, and what it does.
 *
 * Invariant: what `refusal` lets pass, `carryOut` does whole. Both are synchronous: an order that is refused leaves
 * no trace in the history.
 */
import {
  controlSchemas,
  MAX_ITEMS,
  targetVimsOf,
  type ControlInput,
  type ControlName,
  type ControlOrder,
} from '../../shared/campaign/contract.js';
import { timeProblems } from '../../shared/campaign/plan.js';
import { problemsOf } from '../../shared/migration/contract.js';
import { hasEnded, isRetryable, type Item } from './item.js';
import type { CampaignState } from './state.js';

export interface Order<Name extends ControlName = ControlName> {
  name: Name;
  input: unknown;
}

/** Why the order is refused; null: it is accepted. */
export function refusal(
  state: CampaignState,
  { name, input, atMs }: Order & { atMs: number },
): string | null {
  const parsed = controlSchemas()[name].safeParse(input);
  if (!parsed.success) return problemsOf(parsed.error).join('; ');
  const { facts } = state;
  if (facts.phase === 'finished') return 'the campaign has ended';
  if (facts.isAborted && name !== 'retryFailed') return 'the campaign is aborted; what runs still ends';
  switch (name) {
    case 'pause':
      return facts.pauses.operator === undefined ? null : 'an operator has paused it already';
    case 'resume':
      return state.pause === null ? 'it is not paused' : null;
    case 'approve':
      return facts.gateSinceMs === null ? 'nothing waits for approval' : null;
    case 'skip':
      return skipRefusal(state, parsed.data as Parsed<'skip'>);
    case 'setLimits':
      return namesNothing((parsed.data as Parsed<'setLimits'>).limits, 'limits');
    case 'setBudget':
      return namesNothing((parsed.data as Parsed<'setBudget'>).budget, 'budget');
    case 'retryFailed':
      return state.items.some(isRetryable) ? null : 'no item is FAILED, UNKNOWN or CANCELLED';
    case 'setWindows':
      return windowsRefusal(state, { ...(parsed.data as ControlOrder<'setWindows'>), atMs });
    case 'startNow':
      return state.isHeldByTime ? null : 'neither a window nor a soak holds it';
    case 'addItems':
      return additionRefusal(state, parsed.data as ControlOrder<'addItems'>);
    case 'reprioritize':
      if (facts.spec.order === 'input') return 'its order is input: priorities change nothing';
      return skipRefusal(state, parsed.data as Parsed<'reprioritize'>);
    case 'abort':
      return null;
  }
}

type Parsed<Name extends ControlName> = Required<ControlInput<Name>>;

function namesNothing(given: object, what: string): string | null {
  return Object.values(given).some((value) => value !== undefined) ? null : `${what}: it changes nothing`;
}

function windowsRefusal(
  { facts }: CampaignState,
  change: ControlOrder<'setWindows'> & { atMs: number },
): string | null {
  const { windows, cutoff, notBefore, atMs } = change;
  const nothing = namesNothing({ windows, cutoff, notBefore }, 'windows, cutoff and notBefore');
  if (nothing !== null) return nothing;
  const { spec } = facts;
  const problems = timeProblems(
    {
      windows: windows === undefined ? spec.windows : (windows ?? undefined),
      cutoff: cutoff ?? spec.cutoff,
      notBefore: notBefore === undefined ? spec.notBefore : (notBefore ?? undefined),
      policy: spec.policy,
    },
    atMs,
  );
  return problems.length === 0 ? null : problems.join('; ');
}

function additionRefusal(state: CampaignState, { items }: ControlOrder<'addItems'>): string | null {
  const { phase, spec } = state.facts;
  if (phase === 'planning') return 'it is not planned yet: try again when it is';
  const ids = items.map(({ vnfUuid }) => vnfUuid);
  const twice = ids.filter((vnfUuid, index) => ids.indexOf(vnfUuid) !== index);
  if (twice.length > 0) return `they are there twice: ${shortList([...new Set(twice)])}`;
  const known = ids.filter((vnfUuid) => state.itemOf(vnfUuid) !== undefined);
  if (known.length > 0) return `the campaign has them already: ${shortList(known)}`;
  const total = state.items.length + items.length;
  if (total > MAX_ITEMS) return `${String(total)} items are more than a campaign takes: ${String(MAX_ITEMS)}`;
  const targets = targetVimsOf(spec.target);
  const astray = items.filter(({ vimUuid }) => vimUuid === undefined && targets.length === 0);
  if (astray.length > 0) {
    return `neither the item nor the campaign says where to: ${shortList(astray.map(({ vnfUuid }) => vnfUuid))}`;
  }
  const emptied = items.filter(
    ({ vimUuid }) => vimUuid !== undefined && spec.evacuate?.vims.includes(vimUuid),
  );
  if (emptied.length === 0) return null;
  return `their target is under evacuation: ${shortList(emptied.map(({ vnfUuid }) => vnfUuid))}`;
}

function skipRefusal(state: CampaignState, { vnfUuids }: { vnfUuids: readonly string[] }): string | null {
  const unknown = vnfUuids.filter((vnf) => state.itemOf(vnf) === undefined);
  if (unknown.length > 0) return `no items of this campaign: ${shortList(unknown)}`;
  const late = vnfUuids.filter((vnf) => {
    const item = state.itemOf(vnf);
    return item === undefined || item.state === 'RUNNING' || hasEnded(item);
  });
  return late.length > 0 ? `they have begun, or ended: ${shortList(late)}` : null;
}

function shortList(ids: readonly string[]): string {
  const more = ids.length > 10 ? ` and ${String(ids.length - 10)} more` : '';
  return ids.slice(0, 10).join(', ') + more;
}

export function carryOut(state: CampaignState, { name, input, atMs }: Order & { atMs: number }): void {
  switch (name) {
    case 'pause': {
      const by = controlSchemas().pause.parse(input);
      state.pauseFor('operator', { ...by, atMs });
      return;
    }
    case 'resume':
      state.resume({ ...controlSchemas().resume.parse(input), atMs });
      return;
    case 'abort':
      state.abort({ ...controlSchemas().abort.parse(input), atMs });
      return;
    case 'approve':
      state.approve({ ...controlSchemas().approve.parse(input), atMs });
      return;
    case 'retryFailed':
      state.retryFailed({ ...controlSchemas().retryFailed.parse(input), atMs });
      return;
    case 'skip': {
      const { vnfUuids, ...by } = controlSchemas().skip.parse(input);
      state.skip(itemsOf(state, vnfUuids), { ...by, atMs });
      return;
    }
    case 'setWindows': {
      const { windows, cutoff, notBefore, ...by } = controlSchemas().setWindows.parse(input);
      state.setWindows({ windows, cutoff, notBefore }, { ...by, atMs });
      return;
    }
    case 'startNow':
      state.startNow({ ...controlSchemas().startNow.parse(input), atMs });
      return;
    case 'addItems': {
      const { items, ...by } = controlSchemas().addItems.parse(input);
      state.addItems(items, { ...by, atMs });
      return;
    }
    case 'reprioritize': {
      const { vnfUuids, ...by } = controlSchemas().reprioritize.parse(input);
      state.reprioritize(itemsOf(state, vnfUuids), { ...by, atMs });
      return;
    }
    case 'setLimits': {
      const { limits, ...by } = controlSchemas().setLimits.parse(input);
      state.setLimits(given(limits), { ...by, atMs });
      return;
    }
    case 'setBudget': {
      const { budget, ...by } = controlSchemas().setBudget.parse(input);
      state.setBudget(given(budget), { ...by, atMs });
      return;
    }
  }
}

function itemsOf(state: CampaignState, vnfUuids: readonly string[]): Item[] {
  const items = new Set(vnfUuids.map((vnf) => state.itemOf(vnf)));
  return [...items].filter((item) => item !== undefined);
}

/** Without what is there and undefined. */
function given<T extends object>(fields: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
