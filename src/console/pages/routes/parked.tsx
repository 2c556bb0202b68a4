/** Replies that reached us and no workflow. */
import { useState } from 'react';
import { Link } from 'wouter';
import { request } from '../api/http.js';
import { useIsOperator } from '../api/session.js';
import type { ParkedReply } from '../api/types.js';
import { useQuery } from '../api/use-query.js';
import { LoadState } from '../components/load-state.js';
import { Page } from '../components/page.js';
import { TableRegion } from '../components/table-region.js';
import { Time } from '../components/time.js';
import { migrationPlace } from '../text/places.js';
import { countText, numberText } from '../text/times.js';
import { migrationLabel } from '../text/words.js';
import { DropDialog, ReplayDialog, ShowDialog } from './parked-dialogs.js';

type Act = { kind: 'show'; id: string } | { kind: 'replay' | 'drop'; ids: readonly string[] };

export function ParkedPage() {
  const query = useQuery<{ replies: ParkedReply[] }>('/parked');
  const [act, setAct] = useState<Act | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set<string>());
  const isOperator = useIsOperator();
  const replies = query.data?.replies ?? null;
  const selected = (replies ?? []).filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  const close = (): void => setAct(null);
  return (
    <Page
      title="Parked replies"
      actions={
        <button type="button" className="secondary outline" onClick={query.reload}>
          Read again
        </button>
      }
    >
      <p className="quiet">
        Replies to migrations of ours that no workflow accepted. They are kept for a person to look at, replay
        or drop.
      </p>
      <LoadState query={query} what="Parked replies" />
      {replies === null ? null : replies.length === 0 ? (
        <p>Nothing is parked.</p>
      ) : (
        <>
          {isOperator ? <Orders count={replies.length} selected={selected} onAct={setAct} /> : null}
          <ReplyTable
            replies={replies}
            chosen={isOperator ? chosen : null}
            onChoose={setChosen}
            onShow={(id) => setAct({ kind: 'show', id })}
          />
        </>
      )}
      {act === null ? null : act.kind === 'show' ? (
        <ShowDialog id={act.id} onClose={close} />
      ) : act.kind === 'replay' ? (
        <ReplayDialog ids={act.ids} onClose={close} onDone={query.reload} />
      ) : (
        <DropDialog
          ids={act.ids}
          onClose={close}
          send={async () => {
            await request('/parked/drop', { method: 'POST', body: { ids: act.ids } });
            query.reload();
          }}
        />
      )}
    </Page>
  );
}

interface OrdersProps {
  count: number;
  selected: readonly string[];
  onAct: (act: Act) => void;
}

function Orders({ count, selected, onAct }: OrdersProps) {
  const isNone = selected.length === 0;
  return (
    <div className="orders">
      <button
        type="button"
        className="small"
        disabled={isNone}
        onClick={() => onAct({ kind: 'replay', ids: selected })}
      >
        Replay
      </button>
      <button
        type="button"
        className="small danger"
        disabled={isNone}
        onClick={() => onAct({ kind: 'drop', ids: selected })}
      >
        Drop
      </button>
      <span className="quiet" role="status">
        {numberText(selected.length)} of {countText(count, ['reply', 'replies'])} selected
      </span>
    </div>
  );
}

interface ReplyTableProps {
  replies: readonly ParkedReply[];
  /** Null: nothing is chosen here. */
  chosen: ReadonlySet<string> | null;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onShow: (id: string) => void;
}

const HEAD = ['Reply', 'Received', 'For', 'Why it is parked', 'Topic', { number: 'Bytes' }];

function ReplyTable({ replies, chosen, onChoose, onShow }: ReplyTableProps) {
  const toggle = (id: string): void => {
    const changed = new Set(chosen);
    if (!changed.delete(id)) changed.add(id);
    onChoose(changed);
  };
  return (
    <TableRegion
      caption="Parked replies, the oldest first"
      head={chosen === null ? HEAD : ['Select', ...HEAD]}
    >
      {replies.map(({ id, receivedAt, workflowId, reason, topic, bytes }) => (
        <tr key={id}>
          {chosen === null ? null : (
            <td className="tick">
              <input
                type="checkbox"
                aria-label={`Select ${id}`}
                checked={chosen.has(id)}
                onChange={() => toggle(id)}
              />
            </td>
          )}
          <th scope="row">
            <button type="button" className="link" onClick={() => onShow(id)}>
              {id}
            </button>
          </th>
          <td>
            <Time iso={receivedAt} />
          </td>
          <td>
            {workflowId === null ? (
              '?'
            ) : (
              <Link href={migrationPlace(workflowId)}>{migrationLabel(workflowId)}</Link>
            )}
          </td>
          <td className="wraps">{reason}</td>
          <td>{topic}</td>
          <td className="number">{numberText(bytes)}</td>
        </tr>
      ))}
    </TableRegion>
  );
}
