/** The way back: first what would move where, then the start. */
import { request, segment } from '../../api/http.js';
import type { FailbackAnswer, Started } from '../../api/types.js';
import { useQuery } from '../../api/use-query.js';
import { Dialog } from '../../components/dialog.js';
import { FormDialog } from '../../components/form-dialog.js';
import { LoadState } from '../../components/load-state.js';
import { Named } from '../../components/named.js';
import { TableRegion } from '../../components/table-region.js';
import { countText } from '../../text/times.js';
import { FollowingFields, followingBody } from './following-fields.js';

interface FailbackDialogProps {
  workflowId: string;
  onClose: () => void;
  onStarted: (started: Started) => void;
}

export function FailbackDialog({ workflowId, onClose, onStarted }: FailbackDialogProps) {
  const path = `/campaigns/${segment(workflowId)}/failback`;
  const query = useQuery<FailbackAnswer>(path);
  const { data } = query;
  if (data?.specification == null) {
    return (
      <Dialog title="Move back" onClose={onClose}>
        <LoadState query={query} what="What would move back" />
        {data === null ? null : (
          <>
            <p>There is nothing to move back.</p>
            <LeftOut leftOut={data.leftOut} />
          </>
        )}
      </Dialog>
    );
  }
  const { specification, leftOut, knowsSettings, name } = data;
  return (
    <FormDialog
      title="Move back"
      effect={<p>Starts the campaign {name}: it moves what this one has moved to where it was.</p>}
      action="Start the campaign"
      onClose={onClose}
      send={async (form) => {
        onStarted(await request<Started>(path, { method: 'POST', body: followingBody(form) }));
      }}
    >
      {knowsSettings ? null : (
        <p className="banner doubt">
          <span>The settings of this campaign are no longer known. The way back has the defaults.</span>
        </p>
      )}
      <Moves specification={specification} />
      <LeftOut leftOut={leftOut} />
      <FollowingFields />
    </FormDialog>
  );
}

/** A dialog is no place for thousands of rows. */
const MOST_SHOWN = 100;

function Moves({ specification }: { specification: NonNullable<FailbackAnswer['specification']> }) {
  const items = specification.items ?? [];
  const caption = `${countText(items.length, ['VNF moves', 'VNFs move'])} back`;
  return (
    <>
      <TableRegion caption={caption} showsCaption head={['VNF', 'To']} className="low">
        {items.slice(0, MOST_SHOWN).map(({ vnfUuid, vimUuid }) => (
          <tr key={vnfUuid}>
            <td>
              <Named uuid={vnfUuid} />
            </td>
            <td>
              <Named uuid={vimUuid ?? null} />
            </td>
          </tr>
        ))}
      </TableRegion>
      {items.length > MOST_SHOWN ? <p>And {items.length - MOST_SHOWN} more.</p> : null}
    </>
  );
}

function LeftOut({ leftOut }: Pick<FailbackAnswer, 'leftOut'>) {
  if (leftOut.length === 0) return null;
  return (
    <TableRegion
      caption={`${leftOut.length} are left out`}
      showsCaption
      head={['VNF', 'Why']}
      className="low"
    >
      {leftOut.map(({ vnfUuid, vnfName, reason }) => (
        <tr key={vnfUuid}>
          <td>
            <Named name={vnfName} uuid={vnfUuid} />
          </td>
          <td className="wraps">{reason}</td>
        </tr>
      ))}
    </TableRegion>
  );
}
