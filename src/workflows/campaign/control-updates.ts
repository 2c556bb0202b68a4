/**
 * Orders to a campaign: whether one is taken, and what it does.
 *
 * Invariant: what `refusal` lets pass, `carryOut` does whole. Both are synchronous: an order that is refused leaves
 * no trace in the history.
 */
import { controlSchemas, type ControlInput, type ControlName } from '../../shared/campaign/contract.js';
import { problemsOf } from '../../shared/migration/contract.js';
import { hasEnded, isRetryable, type Item } from './item.js';
import type { CampaignState } from './state.js';

export interface Order<Name extends ControlName = ControlName> {
  name: Name;
  input: unknown;
}

/** Why the order is refused; null: it is accepted. */
export function refusal(state: CampaignState, { name, input }: Order): string | null {
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
    case 'abort':
      return null;
  }
}

type Parsed<Name extends ControlName> = Required<ControlInput<Name>>;

function namesNothing(given: object, what: string): string | null {
  return Object.values(given).some((value) => value !== undefined) ? null : `${what}: it changes nothing`;
}

function skipRefusal(state: CampaignState, { vnfUuids }: Parsed<'skip'>): string | null {
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
      const items = new Set(vnfUuids.map((vnf) => state.itemOf(vnf)));
      state.skip(
        [...items].filter((item): item is Item => item !== undefined),
        { ...by, atMs },
      );
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

/** Without what is there and undefined. */
function given<T extends object>(fields: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
