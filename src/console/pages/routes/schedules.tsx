/** The schedules that start campaigns again and again. */
import { useState } from 'react';
import { Link } from 'wouter';
import { request, segment } from '../api/http.js';
import { useIsOperator } from '../api/session.js';
import type { Schedule } from '../api/types.js';
import { useQuery } from '../api/use-query.js';
import { FormDialog } from '../components/form-dialog.js';
import { LoadState } from '../components/load-state.js';
import { TableRegion } from '../components/table-region.js';
import { Time } from '../components/time.js';
import { campaignPlace } from '../text/places.js';

const HEAD = [
  'Schedule',
  'Cron',
  'Time zone',
  'Next start',
  'Last start',
  { number: 'Skipped' },
  { number: 'Missed' },
  'Orders',
];

export function Schedules() {
  const query = useQuery<{ schedules: Schedule[] }>('/schedules', { everyMs: 15_000 });
  const [ending, setEnding] = useState<Schedule | null>(null);
  return (
    <section>
      <h2>Schedules</h2>
      <LoadState query={query} what="Schedules" />
      {query.data === null ? null : <ScheduleTable schedules={query.data.schedules} onEnd={setEnding} />}
      {ending === null ? null : (
        <EndDialog schedule={ending} onClose={() => setEnding(null)} onEnded={query.reload} />
      )}
    </section>
  );
}

interface ScheduleTableProps {
  schedules: readonly Schedule[];
  onEnd: (schedule: Schedule) => void;
}

function ScheduleTable({ schedules, onEnd }: ScheduleTableProps) {
  const isOperator = useIsOperator();
  if (schedules.length === 0) return <p>There are no schedules.</p>;
  return (
    <TableRegion caption="Schedules" head={isOperator ? HEAD : HEAD.slice(0, -1)}>
      {schedules.map((schedule) => (
        <tr key={schedule.scheduleId}>
          <th scope="row">{schedule.name}</th>
          <td>{schedule.cron === null ? '?' : <code>{schedule.cron}</code>}</td>
          <td>{schedule.timeZone ?? '?'}</td>
          <td>
            {schedule.isPaused ? 'paused in Temporal' : <Time iso={schedule.nextStartAt} missing="none" />}
          </td>
          <td>
            <LastStart schedule={schedule} />
          </td>
          <td className="number">{schedule.skippedStarts}</td>
          <td className="number">{schedule.missedStarts}</td>
          {isOperator ? (
            <td>
              <button type="button" className="secondary outline small" onClick={() => onEnd(schedule)}>
                End<span className="only-read"> the schedule {schedule.name}</span>
              </button>
            </td>
          ) : null}
        </tr>
      ))}
    </TableRegion>
  );
}

function LastStart({ schedule: { lastStartAt, lastWorkflowId } }: { schedule: Schedule }) {
  if (lastWorkflowId === null) return <Time iso={lastStartAt} missing="never" />;
  return (
    <Link href={campaignPlace(lastWorkflowId)}>
      <Time iso={lastStartAt} missing="never" />
    </Link>
  );
}

interface EndDialogProps {
  schedule: Schedule;
  onClose: () => void;
  onEnded: () => void;
}

function EndDialog({ schedule: { name }, onClose, onEnded }: EndDialogProps) {
  return (
    <FormDialog
      title={`End the schedule ${name}`}
      effect={<p>It starts no more campaigns. A campaign that it has started runs on.</p>}
      action="End the schedule"
      isDangerous
      hasReason={false}
      onClose={onClose}
      send={async () => {
        await request(`/schedules/${segment(name)}`, { method: 'DELETE' });
        onEnded();
      }}
    />
  );
}
