/** Where a campaign stands: state, reason of a pause, trouble, times, counts, pace, limits and budget. */
import { lazy, Suspense } from 'react';
import type { CampaignProgress } from '../../../../shared/campaign/views.js';
import { shortDuration } from '../../../../shared/duration.js';
import type { CampaignView } from '../../api/types.js';
import { Figure } from '../../components/figure.js';
import { CountsLegend, StackedBar } from '../../components/counts-bar.js';
import { ErrorBoundary } from '../../components/error-boundary.js';
import { StateBadge } from '../../components/state-badge.js';
import { Time } from '../../components/time.js';
import { numberText, percentText, tookText } from '../../text/times.js';
import { endedOf, pauseText } from '../../text/words.js';

const TimingLine = lazy(() => import('./timing-line.js'));

interface SummaryProps {
  view: CampaignView;
  progress: CampaignProgress | null;
  nowMs: number;
}

export function Summary({ view, progress, nowMs }: SummaryProps) {
  const { result, status, isRunning } = view;
  const state = result?.state ?? (isRunning ? progress?.state : null) ?? status;
  const counts = result?.counts ?? progress?.counts;
  return (
    <section aria-label="Standing">
      <p className="standing">
        <span aria-live="polite">
          <StateBadge state={state} />
        </span>
        {progress === null ? null : <StartedBy progress={progress} />}
      </p>
      {progress === null || !isRunning ? null : <Holds progress={progress} nowMs={nowMs} />}
      {counts === undefined ? null : (
        <>
          <StackedBar counts={counts} />
          <CountsLegend counts={counts} />
        </>
      )}
      {progress === null ? null : <Figures progress={progress} nowMs={nowMs} />}
    </section>
  );
}

function StartedBy({ progress: { actor, reason, generation } }: { progress: CampaignProgress }) {
  return (
    <span>
      {generation > 1 ? `generation ${generation}; ` : ''}
      {actor === null ? '' : `started by ${actor}`}
      {reason === null ? '' : `: ${reason}`}
    </span>
  );
}

/** What keeps the campaign from starting items. */
function Holds({ progress, nowMs }: { progress: CampaignProgress; nowMs: number }) {
  const { pause, trouble, timing } = progress;
  return (
    <>
      <div aria-live="polite">
        {pause === null ? null : (
          <div className="banner doubt">
            <p>
              <strong>{pause.message}</strong> <span className="quiet">since</span> <Time iso={pause.since} />
            </p>
            <p>{pauseText(pause.cause)}</p>
          </div>
        )}
        {trouble === null ? null : (
          <div className="banner bad">
            <p>
              <strong>Trouble:</strong> {trouble}
            </p>
          </div>
        )}
      </div>
      {timing == null ? null : (
        <ErrorBoundary what="The time">
          <Suspense>
            <TimingLine progress={progress} nowMs={nowMs} />
          </Suspense>
        </ErrorBoundary>
      )}
    </>
  );
}

function Figures({ progress, nowMs }: { progress: CampaignProgress; nowMs: number }) {
  const { planned, counts, perMinute, startedAt, finishedAt, limits, budget, wave, waves } = progress;
  const ended = endedOf(counts);
  const share = planned === 0 ? '' : ` (${percentText(ended / planned)})`;
  return (
    <dl className="figures">
      <Figure name="Ended" value={`${numberText(ended)} of ${numberText(planned)}${share}`} />
      <Figure name="Pace" value={perMinute === null ? 'not known yet' : `${perMinute.toFixed(1)} a minute`} />
      <Figure name="Left" value={leftText(progress)} />
      <Figure name="Started" value={<Time iso={startedAt} />} />
      <Figure
        name={finishedAt === null ? 'Runs for' : 'Took'}
        value={tookText({ startedAt, finishedAt, nowMs })}
      />
      {waves > 1 ? <Figure name="Wave" value={`${wave} of ${waves}`} /> : null}
      <Figure
        name="Limits"
        value={`${limits.total} in all, ${limits.perSourceVim} a source VIM, ${limits.perTargetVim} a target VIM`}
      />
      <Figure
        name="Error budget"
        value={`${budget.errors} of ${budget.allowed}; in a row ${budget.consecutive} of ${budget.maxConsecutive}; then ${budget.action}`}
      />
    </dl>
  );
}

function leftText({ state, etaMs, finishedAt }: CampaignProgress): string {
  if (finishedAt !== null) return 'nothing';
  const goesOn = state === 'RUNNING' || state === 'DRAINING';
  return etaMs === null || !goesOn ? 'not known' : `about ${shortDuration(etaMs)}`;
}
