/** Where a migration stands. */
import type { MigrationState } from '../../../../shared/migration/contract.js';
import type { MigrationView } from '../../api/types.js';
import { Figure } from '../../components/figure.js';
import { Named } from '../../components/named.js';
import { StateBadge } from '../../components/state-badge.js';
import { Time } from '../../components/time.js';
import { useNow } from '../../components/use-now.js';
import { tookText } from '../../text/times.js';
import { phaseText } from '../../text/words.js';

interface SummaryProps {
  view: MigrationView;
  state: MigrationState | null;
}

export function MigrationSummary({ view, state }: SummaryProps) {
  const { status, closedAt } = view;
  return (
    <section aria-label="Standing">
      <p className="standing">
        <span aria-live="polite">
          <StateBadge state={status} /> {state === null || closedAt !== null ? '' : phaseText(state.phase)}
        </span>
      </p>
      {state === null ? null : <Remarks state={state} isOpen={closedAt === null} />}
      <Figures view={view} state={state} />
    </section>
  );
}

function Remarks({ state, isOpen }: { state: MigrationState; isOpen: boolean }) {
  const { trouble, warning, mayBeRunning, permit } = state;
  const remarks = [
    ...(isOpen && trouble !== null ? [{ tone: 'bad', text: `Trouble: ${trouble}` }] : []),
    ...(warning == null ? [] : [{ tone: 'doubt', text: `Warning: ${warning}` }]),
    ...(isOpen && permit?.state === 'waiting'
      ? [{ tone: 'doubt', text: `It waits for a permit: ${permit.reason ?? 'asking'}` }]
      : []),
    ...(isOpen && mayBeRunning
      ? [{ tone: 'going', text: 'A request may be running at the MANO, which cannot be stopped.' }]
      : []),
  ];
  return (
    <div aria-live="polite">
      {remarks.map(({ tone, text }) => (
        <p key={text} className={`banner ${tone}`}>
          <span>{text}</span>
        </p>
      ))}
    </div>
  );
}

function Figures({ view, state }: SummaryProps) {
  const { startedAt, closedAt, workflowId } = view;
  const nowMs = useNow(closedAt === null);
  const names = state ?? view.result;
  const request = state?.request ?? view.result;
  return (
    <dl className="figures">
      <Figure name="VNF" value={<Named name={names?.vnfName} uuid={request?.vnfUuid ?? null} />} />
      <Figure
        name="Service"
        value={<Named name={names?.serviceName} uuid={request?.serviceInstanceUuid ?? null} />}
      />
      <Figure name="From" value={names?.sourceVimName ?? <span className="quiet">not known</span>} />
      <Figure name="To" value={<Named name={names?.targetVimName} uuid={request?.vimUuid ?? null} />} />
      <Figure name="Started" value={<Time iso={startedAt} />} />
      <Figure
        name={closedAt === null ? 'Runs for' : 'Took'}
        value={tookText({ startedAt, finishedAt: closedAt, nowMs })}
      />
      {closedAt !== null || state === null ? null : (
        <>
          <Figure name="Next step by itself" value={<Time iso={state.nextStepAt} missing="none" />} />
          <Figure name="Deadline" value={<Time iso={state.deadlineAt} missing="none" />} />
        </>
      )}
      <Figure name="Workflow id" value={<code>{workflowId}</code>} />
    </dl>
  );
}
