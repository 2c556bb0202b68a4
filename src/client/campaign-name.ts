/**
 * Names of campaigns, and of those that are made of others.
 *
 * Invariant: whatever a campaign's workflow id is, the name made of it is a valid one. The name of a campaign
 * to which nobody gave one depends only on what moves, so that the same campaign again joins the one that runs.
 */
import { createHash } from 'node:crypto';
import type { CampaignInput } from '../shared/campaign/contract.js';

/** It is part of a workflow id, and of file names. */
const NAME = /^[a-z0-9][\w.~-]{0,99}$/i;
const MAX_LENGTH = 100;
const NAME_RULE =
  'expected at most 100 letters, digits and any of _ . ~ -, beginning with a letter or a digit';

/** Null: it is a name. */
export function nameProblem(name: string): string | null {
  return NAME.test(name) ? null : `name: ${NAME_RULE}, not ${JSON.stringify(name.slice(0, 120))}`;
}

/** The name of a campaign to which nobody gave one. */
export function defaultName({ evacuate, items }: Pick<CampaignInput, 'evacuate' | 'items'>): string {
  const [first = '', ...more] = evacuate?.vims ?? [];
  if (evacuate !== undefined)
    return `evacuate-${first.slice(0, 8)}${more.length === 0 ? '' : `-and-${more.length}`}`;
  const vnfs = (items ?? []).map(({ vnfUuid }) => vnfUuid.toLowerCase()).sort();
  return `items-${createHash('sha256').update(vnfs.join()).digest('hex').slice(0, 8)}`;
}

/** The name for a retry of a campaign that has ended: `x` → `x~2` → `x~3`. Takes a name, or any workflow id. */
export function nameOfRetry(label: string): string {
  const [, base = label, generation = '1'] = /^(.*)~(\d{1,6})$/s.exec(label) ?? [];
  return named(base, `~${Number(generation) + 1}`);
}

/** The name for the way back of a campaign: `x` → `x-failback`. Takes a name, or any workflow id. */
export function nameOfFailback(label: string): string {
  return named(label, '-failback');
}

function named(label: string, suffix: string): string {
  const allowed = label.replaceAll(/[^\w.~-]+/g, '-').replace(/^[^a-z0-9]+/i, '');
  return `${(allowed === '' ? 'campaign' : allowed).slice(0, MAX_LENGTH - suffix.length)}${suffix}`;
}
