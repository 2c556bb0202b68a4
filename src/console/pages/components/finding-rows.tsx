/** Conflicts of a plan, or what was found on VIMs, as rows of a table. */
import type { CampaignConflict } from '../../../shared/campaign/views.js';
import { plainText } from '../text/words.js';
import { Named } from './named.js';

export const FINDINGS_HEAD = ['Kind', 'VNF', 'What was found'];

export function FindingRows({ findings }: { findings: readonly CampaignConflict[] }) {
  return findings.map(({ kind, vnfUuid, message }, index) => (
    <tr key={index}>
      <td>{plainText(kind)}</td>
      <td>{vnfUuid === '' ? 'the whole campaign' : <Named uuid={vnfUuid} />}</td>
      <td className="wraps">{message}</td>
    </tr>
  ));
}
