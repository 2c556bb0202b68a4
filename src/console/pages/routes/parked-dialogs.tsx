/** Shows, replays and drops parked replies. */
import { useState } from 'react';
import { request, segment } from '../api/http.js';
import type { ParkedReply } from '../api/types.js';
import { useQuery } from '../api/use-query.js';
import { Dialog } from '../components/dialog.js';
import { FormDialog } from '../components/form-dialog.js';
import { LoadState } from '../components/load-state.js';
import { ProblemList } from '../components/problem-list.js';
import { TableRegion } from '../components/table-region.js';
import { useSubmit } from '../components/use-submit.js';
import { countText } from '../text/times.js';

interface ShowDialogProps {
  id: string;
  onClose: () => void;
}

/** The body comes from any peer on the bus: it is shown as text. */
export function ShowDialog({ id, onClose }: ShowDialogProps) {
  const query = useQuery<ParkedReply & { body: string }>(`/parked/${segment(id)}`);
  const { data } = query;
  return (
    <Dialog title={`Parked reply ${id}`} onClose={onClose}>
      <LoadState query={query} what="The reply" />
      {data === null ? null : (
        <>
          <dl className="figures">
            {Object.entries(data)
              .filter(([name]) => name !== 'body')
              .map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value ?? '–'}</dd>
                </div>
              ))}
          </dl>
          <pre tabIndex={0} role="region" aria-label="Body">
            {data.body}
          </pre>
        </>
      )}
    </Dialog>
  );
}

interface IdsDialogProps {
  ids: readonly string[];
  onClose: () => void;
}

interface Replayed {
  id: string;
  replayed: boolean;
  text: string;
}

/** What became of each is shown before it closes. */
export function ReplayDialog({ ids, onClose, onDone }: IdsDialogProps & { onDone: () => void }) {
  const [replies, setReplies] = useState<readonly Replayed[] | null>(null);
  const { isBusy, problem, submit } = useSubmit();
  const replay = async (): Promise<void> => {
    const answer = await request<{ replies: Replayed[] }>('/parked/replay', {
      method: 'POST',
      body: { ids },
    });
    setReplies(answer.replies);
    onDone();
  };
  return (
    <Dialog title={`Replay ${countText(ids.length, ['reply', 'replies'])}`} onClose={onClose}>
      <p>Signals them to their workflows. Nothing is published to the MANO.</p>
      <ProblemList problem={problem} />
      {replies === null ? (
        <button type="button" disabled={isBusy} aria-busy={isBusy} onClick={() => void submit(replay)}>
          Replay
        </button>
      ) : (
        <div role="status">
          <TableRegion caption="What became of them" head={['Reply', 'What became of it']} className="low">
            {replies.map(({ id, replayed, text }) => (
              <tr key={id}>
                <th scope="row">{id}</th>
                <td className={replayed ? 'wraps good' : 'wraps doubt'}>{text}</td>
              </tr>
            ))}
          </TableRegion>
        </div>
      )}
    </Dialog>
  );
}

export function DropDialog({ ids, onClose, send }: IdsDialogProps & { send: () => Promise<void> }) {
  return (
    <FormDialog
      title={`Drop ${countText(ids.length, ['reply', 'replies'])}`}
      effect={<p>Throws them away. This cannot be undone.</p>}
      action="Drop"
      isDangerous
      hasReason={false}
      onClose={onClose}
      send={send}
    />
  );
}
