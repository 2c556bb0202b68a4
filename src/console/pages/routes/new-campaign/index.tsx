/** Writes a campaign, plans it, and starts it. What is started is what was planned. */
import { useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { request, segment } from '../../api/http.js';
import { ApiProblem } from '../../api/problem.js';
import { useIsOperator } from '../../api/session.js';
import type { PlanAnswer, Started, VimRow } from '../../api/types.js';
import { useQuery } from '../../api/use-query.js';
import { FormProblems } from '../../components/field.js';
import { Page } from '../../components/page.js';
import { ProblemList } from '../../components/problem-list.js';
import { useSubmit } from '../../components/use-submit.js';
import { campaignPlace } from '../../text/places.js';
import { bodyOf, emptyDraft, type CampaignBody, type Draft } from './draft.js';
import { LimitsAndBudget, NameAndReason, Stages, Targets, Times } from './settings.js';
import { PlannedCampaign, StartButton } from './planned-campaign.js';
import { ScheduleForm, type ScheduleTimes } from './schedule-form.js';
import { WhatMoves } from './what-moves.js';

/** A plan, and what it is of. */
interface Planned {
  body: CampaignBody;
  plan: PlanAnswer;
}

export function NewCampaignPage() {
  const [search] = useSearchParams();
  const isOperator = useIsOperator();
  const [draft, setDraft] = useState(() => emptyDraft(search.getAll('evacuate')));
  const [planned, setPlanned] = useState<Planned | null>(null);
  const { isBusy, problem, submit } = useSubmit();
  const plan = (): Promise<boolean> =>
    submit(async () => {
      setPlanned(null);
      const body = checkedBody(draft);
      const assume = draft.assume.trim();
      const asked = { ...body, ...(assume === '' ? {} : { assume }) };
      const answer = await request<PlanAnswer>('/campaigns/plan', { method: 'POST', body: asked });
      setPlanned({ body, plan: answer });
    });
  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    // A plan of something else must not be started.
    setPlanned(null);
  };
  return (
    <Page title="Start a campaign">
      <ProblemList problem={problem} />
      <FormProblems value={problem?.problems ?? []}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void plan();
          }}
        >
          <DraftFields draft={draft} onChange={change} />
          <button
            type="submit"
            className={planned === null ? '' : 'outline'}
            disabled={isBusy}
            aria-busy={isBusy}
          >
            Plan
          </button>{' '}
          <span className="quiet">The plan is made first. Nothing is started.</span>
        </form>
      </FormProblems>
      {planned === null ? null : <Start {...planned} mayStart={isOperator} />}
    </Page>
  );
}

/** @throws ApiProblem for what can be said without the console */
function checkedBody(draft: Draft): CampaignBody {
  const written = bodyOf(draft);
  if (written.kind === 'body') return written.body;
  throw new ApiProblem({ code: 'invalid', detail: 'the campaign is wrong', problems: written.problems });
}

interface DraftFieldsProps {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
}

function DraftFields(props: DraftFieldsProps) {
  // Without a list, names and uuids are typed.
  const vims = useQuery<{ vims: VimRow[] }>('/vims').data?.vims ?? null;
  return (
    <>
      <WhatMoves {...props} vims={vims} />
      {props.draft.source === 'specification' ? null : (
        <>
          <Targets {...props} vims={vims} />
          <LimitsAndBudget {...props} />
          <Stages {...props} />
          <Times {...props} />
        </>
      )}
      <NameAndReason {...props} />
    </>
  );
}

function Start({ body, plan, mayStart }: Planned & { mayStart: boolean }) {
  const [, navigate] = useLocation();
  const start = async (anyway: boolean): Promise<void> => {
    // The name that was made for the plan is the one that was shown.
    const full = { ...body, name: plan.name, ...(anyway ? { anyway } : {}) };
    const { workflowId } = await request<Started>('/campaigns', { method: 'POST', body: full });
    navigate(campaignPlace(workflowId));
  };
  const schedule = async (times: ScheduleTimes): Promise<void> => {
    const { name, reason, ...when } = times;
    const full = { ...when, campaign: body.campaign, ...(reason === '' ? {} : { reason }) };
    await request(`/schedules/${segment(name)}`, { method: 'PUT', body: full });
    navigate('/');
  };
  return (
    <PlannedCampaign plan={plan}>
      {mayStart ? (
        <>
          <StartButton plan={plan} start={start} />
          <ScheduleForm name={plan.name} schedule={schedule} />
        </>
      ) : (
        <p className="quiet">Only operators start campaigns.</p>
      )}
    </PlannedCampaign>
  );
}
