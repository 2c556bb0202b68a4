/** How many failures a campaign accepts before its budget trips. Pure. */
import type { CampaignBudget } from '../../shared/campaign/contract.js';

export interface Tally {
  planned: number;
  /** FAILED and UNKNOWN, but not for a busy service, and not what may yet turn out to be a deaf MANO. */
  errors: number;
  consecutive: number;
}

/** More errors than this trip it. */
export function allowedErrors({ maxErrors }: Pick<CampaignBudget, 'maxErrors'>, planned: number): number {
  if (typeof maxErrors === 'number') return maxErrors;
  return Math.floor((planned * Number.parseInt(maxErrors, 10)) / 100);
}

/** Why the budget trips; null: it does not. */
export function overrun(budget: CampaignBudget, { planned, errors, consecutive }: Tally): string | null {
  const allowed = allowedErrors(budget, planned);
  if (errors > allowed) {
    return `${String(errors)} of ${String(planned)} items failed; the budget allows ${String(allowed)}`;
  }
  if (consecutive >= budget.maxConsecutive) return `${String(consecutive)} items in a row failed`;
  return null;
}
