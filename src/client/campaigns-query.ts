import { CAMPAIGN_WORKFLOW } from '../shared/names.js';
import { visibilityQuery } from './visibility.js';

/** For visibility. A long campaign is a chain of runs, of which only the last one matters. */
export function campaignsQuery({ status }: { status?: string | undefined }): string {
  return visibilityQuery(CAMPAIGN_WORKFLOW, {
    where: { ExecutionStatus: status },
    others: [`ExecutionStatus != 'ContinuedAsNew'`],
  });
}
