/** One item as a row. */
import { memo } from 'react';
import { Link } from 'wouter';
import type { CampaignItemView } from '../../../../shared/campaign/views.js';
import { ShortNamed } from '../../components/named.js';
import { StateBadge } from '../../components/state-badge.js';
import { Time } from '../../components/time.js';
import { hasBegun } from '../../text/campaign-items.js';
import { migrationPlace } from '../../text/places.js';
import { tookText } from '../../text/times.js';
import { waitText } from '../../text/words.js';

interface ItemRowProps {
  item: CampaignItemView;
  rowIndex: number;
  /** Null: rows are not selected. */
  isSelected: boolean | null;
  onToggle: (vnfUuid: string) => void;
}

/** A row changes with its item alone: what still runs has no duration yet. */
export const ItemRow = memo(function ItemRow({ item, rowIndex, isSelected, onToggle }: ItemRowProps) {
  const { index, vnfName, vnfUuid, state, sourceVimName, sourceVimUuid, wave, startedAt, finishedAt } = item;
  return (
    <tr aria-rowindex={rowIndex}>
      {isSelected === null ? null : (
        <td className="tick">
          <input
            type="checkbox"
            aria-label={`Select item ${index}`}
            checked={isSelected}
            disabled={hasBegun(item)}
            onChange={() => onToggle(vnfUuid)}
          />
        </td>
      )}
      <td className="number">{index}</td>
      <th scope="row" title={vnfUuid}>
        <Evidence item={item}>{vnfName ?? vnfUuid}</Evidence>
      </th>
      <td>
        <StateBadge state={state} />
      </td>
      <Why item={item} />
      <td>
        <ShortNamed name={sourceVimName} uuid={sourceVimUuid} />
      </td>
      <td>
        <Target item={item} />
      </td>
      <td className="number">{wave}</td>
      <td>
        <Time iso={startedAt} />
      </td>
      <td className="number">{finishedAt === null ? '' : tookText({ startedAt, finishedAt, nowMs: 0 })}</td>
    </tr>
  );
});

function Evidence({ item: { workflowId }, children }: { item: CampaignItemView; children: string }) {
  if (workflowId === null) return children;
  return <Link href={migrationPlace(workflowId)}>{children}</Link>;
}

function Why({ item: { waitReason, failureType, message } }: { item: CampaignItemView }) {
  if (waitReason !== null) {
    return (
      <td title={waitText(waitReason)}>
        <code>{waitReason}</code>
      </td>
    );
  }
  const text = [failureType, message].filter((part) => part !== null).join(': ');
  return <td title={text}>{text}</td>;
}

function Target({ item: { targetVimUuid, targetVimName } }: { item: CampaignItemView }) {
  if (targetVimUuid === null) return <span className="quiet">chosen at its start</span>;
  return <ShortNamed name={targetVimName} uuid={targetVimUuid} />;
}
