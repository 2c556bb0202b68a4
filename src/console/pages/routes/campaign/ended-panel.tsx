/** A campaign that has ended: its result, what is left, and what can follow it. */
import { useState } from 'react';
import { useLocation } from 'wouter';
import { request, segment } from '../../api/http.js';
import type { CampaignView, Started } from '../../api/types.js';
import { FormDialog } from '../../components/form-dialog.js';
import { Time } from '../../components/time.js';
import { campaignPlace } from '../../text/places.js';
import { countText } from '../../text/times.js';
import { stateText } from '../../text/words.js';
import { FailbackDialog } from './failback-dialog.js';
import { FindingList } from './findings.js';
import { FollowingFields, followingBody } from './following-fields.js';

type Following = 'retry' | 'failback';

export function EndedPanel({ view, isOperator }: { view: CampaignView; isOperator: boolean }) {
  const { result, status, closedAt, workflowId } = view;
  const [following, setFollowing] = useState<Following | null>(null);
  const [, navigate] = useLocation();
  const onStarted = ({ workflowId: started }: Started): void => navigate(campaignPlace(started));
  const close = (): void => setFollowing(null);
  return (
    <section>
      <h2>Result</h2>
      <p>
        {stateText(result?.state ?? status)}, <Time iso={result?.finishedAt ?? closedAt} />.
        {result === null ? '' : ` ${residualText(result.residualCount)}`}
      </p>
      {result === null ? null : (
        <FindingList
          title="Residual: still on the VIMs"
          found={result.residual}
          count={result.residualCount}
        />
      )}
      {isOperator ? (
        <div className="orders">
          <button type="button" className="secondary outline" onClick={() => setFollowing('retry')}>
            Retry what was not moved
          </button>
          <button type="button" className="secondary outline" onClick={() => setFollowing('failback')}>
            Move back
          </button>
        </div>
      ) : null}
      {following === 'retry' ? (
        <RetryDialog workflowId={workflowId} onClose={close} onStarted={onStarted} />
      ) : null}
      {following === 'failback' ? (
        <FailbackDialog workflowId={workflowId} onClose={close} onStarted={onStarted} />
      ) : null}
    </section>
  );
}

function residualText(count: number): string {
  return count === 0 ? 'Nothing is left.' : `${countText(count, ['VNF is', 'VNFs are'])} still there.`;
}

interface RetryDialogProps {
  workflowId: string;
  onClose: () => void;
  onStarted: (started: Started) => void;
}

function RetryDialog({ workflowId, onClose, onStarted }: RetryDialogProps) {
  return (
    <FormDialog
      title="Retry"
      effect={
        <p>Starts a new campaign with the items that were not moved, under the present ids of the VNFs.</p>
      }
      action="Start the campaign"
      onClose={onClose}
      send={async (form) => {
        const body = followingBody(form);
        onStarted(
          await request<Started>(`/campaigns/${segment(workflowId)}/retry`, { method: 'POST', body }),
        );
      }}
    >
      <FollowingFields />
    </FormDialog>
  );
}
