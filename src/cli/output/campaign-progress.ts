/**
 * Shows a campaign line by line where there is no terminal. It shows only the changes between two progress reports.
 * All functions are pure.
 *
 * Invariant: the number of progress lines stays near one hundred, whatever the number of items.
 */
import type { CampaignProgress } from '../../shared/campaign/views.js';
import { timingText } from '../../shared/campaign/timing-text.js';
import { labelled } from '../../shared/vim/vim.js';
import { wordOfFailure } from './campaign-screen.js';
import { printable } from '../input/text-file.js';
import { countsText, endedOf, etaText, hintFor, stateText } from './campaign-text.js';

export function newsOfCampaign({
  before,
  now,
  nowMs = Date.now(),
}: {
  before: CampaignProgress | null;
  now: CampaignProgress;
  nowMs?: number;
}): string[] {
  return [
    ...conflictNews(before, now),
    ...generationNews(before, now),
    ...failureNews(before, now),
    ...countNews(before, now),
    ...stateNews(before, now),
    ...(now.trouble !== null && now.trouble !== before?.trouble
      ? [`problem: ${printable(now.trouble)}`]
      : []),
    ...termNews(before, now),
    ...timingNews(before, { now, nowMs }),
  ];
}

type Before = CampaignProgress | null;

function conflictNews(before: Before, { conflicts }: CampaignProgress): string[] {
  return conflicts
    .slice(before?.conflicts.length ?? 0)
    .map(
      ({ kind, vnfUuid, message }) =>
        `conflict: VNF ${vnfUuid}: ${kind.replaceAll('-', ' ')}: ${printable(message)}`,
    );
}

function generationNews(before: Before, { generation }: CampaignProgress): string[] {
  return before !== null && generation > before.generation ? [`generation ${generation} begins`] : [];
}

function failureNews(before: Before, { lastFailures }: CampaignProgress): string[] {
  const keyOf = ({ index, finishedAt }: CampaignProgress['lastFailures'][number]): string =>
    `${index} ${finishedAt ?? ''}`;
  const known = new Set(before?.lastFailures.map(keyOf));
  return lastFailures
    .filter((failure) => !known.has(keyOf(failure)))
    .reverse()
    .map(({ index, vnfUuid, vnfName, state, failureType, message }) => {
      const why = message === null ? '' : `: ${printable(message)}`;
      return `#${index} VNF ${printable(labelled(vnfName, vnfUuid))}: ${wordOfFailure(state, failureType)}${why}`;
    });
}

function countNews(before: Before, now: CampaignProgress): string[] {
  const percentOf = (progress: CampaignProgress): number =>
    progress.planned === 0 ? 0 : Math.floor((100 * endedOf(progress)) / progress.planned);
  const isChange = before?.planned !== now.planned || percentOf(before) !== percentOf(now);
  // An evacuation has no items until it has read the repository.
  if (!isChange || (now.planned === 0 && now.state === 'PLANNED')) return [];
  const eta = etaText(now);
  return [
    `${endedOf(now)} of ${now.planned} ended: ${countsText(now.counts)}${eta === '' ? '' : `; ${eta}`}`,
  ];
}

function stateNews(before: Before, { state, pause }: CampaignProgress): string[] {
  const isChange = before?.state !== state || before.pause?.cause !== pause?.cause;
  if (!isChange) return [];
  if (pause === null) return [stateText(state)];
  return [`${stateText(state)}: ${printable(pause.message)}`, hintFor(pause.cause, '<name>')];
}

/** What the times themselves are passes; that they change is news. */
function timingNews(before: Before, { now, nowMs }: { now: CampaignProgress; nowMs: number }): string[] {
  const turnOf = (progress: Before): string => {
    const { reason, changesAt, soakUntil, rampLimit } = progress?.timing ?? {};
    return JSON.stringify([reason, reason == null ? null : changesAt, soakUntil, rampLimit]);
  };
  if (turnOf(before) === turnOf(now) || now.finishedAt !== null) return [];
  const text = timingText(now, nowMs);
  return text === '' ? [] : [text];
}

function termNews(before: Before, { limits, budget, wave, waves }: CampaignProgress): string[] {
  const news: string[] = [];
  if (waves > 1 && before?.wave !== wave) news.push(`wave ${wave} of ${waves}`);
  if (before === null) return news;
  if (JSON.stringify(before.limits) !== JSON.stringify(limits)) {
    const { total, perSourceVim, perTargetVim } = limits;
    news.push(`limits: ${total} in all, ${perSourceVim} a source VIM, ${perTargetVim} a target VIM`);
  }
  const terms = ({ maxErrors, maxConsecutive, action }: CampaignProgress['budget']): string =>
    `budget: ${maxErrors} errors, ${maxConsecutive} in a row, then ${action}`;
  if (terms(before.budget) !== terms(budget)) news.push(terms(budget));
  return news;
}
