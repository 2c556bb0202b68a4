/** The plan, and the button that starts what was planned. It takes the focus when it is there. */
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { PlanAnswer } from '../../api/types.js';
import { ProblemList } from '../../components/problem-list.js';
import { useSubmit } from '../../components/use-submit.js';
import { PlanView } from './plan-view.js';

interface PlannedCampaignProps {
  plan: PlanAnswer;
  /** What can be done with it. */
  children: ReactNode;
}

export function PlannedCampaign({ plan, children }: PlannedCampaignProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [plan]);
  return (
    <section>
      <h2 ref={heading} tabIndex={-1}>
        Plan
      </h2>
      <PlanView plan={plan} />
      {children}
    </section>
  );
}

interface StartButtonProps {
  plan: PlanAnswer;
  start: (anyway: boolean) => Promise<void>;
}

export function StartButton({ plan, start }: StartButtonProps) {
  const [anyway, setAnyway] = useState(false);
  const { isBusy, problem, submit } = useSubmit();
  const { oppositeCampaigns, problems, items } = plan;
  // Between plan and start another campaign may have begun.
  const isOpposed = (oppositeCampaigns?.length ?? 0) > 0 || problem?.code === 'opposite';
  const isImpossible = problems.length > 0 || items.length === 0;
  return (
    <>
      <ProblemList problem={problem} />
      {isOpposed ? (
        <label>
          <input type="checkbox" checked={anyway} onChange={(event) => setAnyway(event.target.checked)} />
          Start anyway, although a running campaign works against it
        </label>
      ) : null}
      <button
        type="button"
        disabled={isBusy || isImpossible || ((oppositeCampaigns?.length ?? 0) > 0 && !anyway)}
        aria-busy={isBusy}
        onClick={() => void submit(() => start(anyway))}
      >
        Start
      </button>
    </>
  );
}
