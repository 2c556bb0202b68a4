/**
 * Composes the lines of one terminal screen for a running campaign. All functions are pure.
 *
 * Invariants: the lines fit the width and the height of the terminal. Texts from outside contain no characters that
 * control a terminal.
 */
import { campaignLabel } from '../../shared/names.js';
import type { CampaignProgress, ItemState, WaitReason } from '../../shared/campaign/views.js';
import { humanDuration, shortDuration } from '../../shared/duration.js';
import { timingText } from '../../shared/campaign/timing-text.js';
import { labelled } from '../../shared/vim/vim.js';
import { printable } from '../input/text-file.js';
import { barOf, countsText, endedOf, etaText, hintFor, stateText } from './campaign-text.js';

export interface ScreenInput {
  workflowId: string;
  progress: CampaignProgress;
  nowMs: number;
  columns: number;
  rows: number;
  /** The reason why no newer progress is available. */
  trouble: string | null;
}

const WIDEST_BAR = 60;
/** The rows of the screen without the lists of running and failed items. */
const OTHER_ROWS = 13;

export function screenOf({ workflowId, progress, nowMs, columns, rows, trouble }: ScreenInput): string[] {
  const lines = [
    headline(workflowId, { progress, nowMs }),
    progressLine(progress, columns),
    countsText(progress.counts),
    termsLine(progress),
    ...pauseLines(progress, workflowId),
    ...(progress.trouble === null ? [] : [`problem: ${printable(progress.trouble)}`]),
    ...timingLine(progress, nowMs),
    ...waitingLine(progress),
    ...listed('running', { lines: runningLines(progress, nowMs), most: Math.max(2, rows - OTHER_ROWS - 4) }),
    ...listed('last failures', { lines: failureLines(progress), most: 4 }),
    ...(progress.conflictCount === 0 ? [] : [`${progress.conflictCount} conflicts (campaign report)`]),
    ...(trouble === null ? [] : [trouble]),
    ...(progress.finishedAt === null ? ['Ctrl-C stops watching; the campaign continues.'] : []),
  ];
  return lines.slice(0, Math.max(1, rows - 1)).map((line) => fitted(line, columns));
}

function headline(
  workflowId: string,
  { progress, nowMs }: { progress: CampaignProgress; nowMs: number },
): string {
  const { startedAt, finishedAt, actor, reason, generation } = progress;
  const took = humanDuration((finishedAt === null ? nowMs : Date.parse(finishedAt)) - Date.parse(startedAt));
  const by = actor === null ? '' : ` by ${printable(actor)}`;
  const why = reason === null ? '' : `: ${printable(reason)}`;
  const again = generation > 1 ? ` (generation ${generation})` : '';
  return `${campaignLabel(workflowId)}  ${stateText(progress.state).toUpperCase()}  ${took}${again}${by}${why}`;
}

function progressLine(progress: CampaignProgress, columns: number): string {
  const { planned, perMinute } = progress;
  const ended = endedOf(progress);
  const pace = perMinute === null ? '' : `, ${perMinute.toFixed(1)} a minute`;
  const eta = etaText(progress);
  const words = `${ended} of ${planned} ended${pace}${eta === '' ? '' : `, ${eta}`}`;
  const width = Math.max(10, Math.min(WIDEST_BAR, columns - words.length - 12));
  return `${barOf(planned === 0 ? 0 : ended / planned, width)} ${words}`;
}

function termsLine({ limits, budget, wave, waves }: CampaignProgress): string {
  const { total, perSourceVim, perTargetVim } = limits;
  const errors = `errors ${budget.errors} of ${budget.allowed}, in a row ${budget.consecutive} of ${budget.maxConsecutive}`;
  const which = waves > 1 ? `; wave ${wave} of ${waves}` : '';
  return `limits ${total} in all, ${perSourceVim} a source VIM, ${perTargetVim} a target VIM; ${errors}${which}`;
}

function pauseLines({ pause }: CampaignProgress, workflowId: string): string[] {
  if (pause === null) return [];
  const since = pause.since.slice(11, 19);
  return [`since ${since} UTC: ${printable(pause.message)}`, hintFor(pause.cause, campaignLabel(workflowId))];
}

function timingLine(progress: CampaignProgress, nowMs: number): string[] {
  const text = timingText(progress, nowMs);
  return text === '' ? [] : [text];
}

function waitingLine({ waiting }: CampaignProgress): string[] {
  const reasons = (Object.entries(waiting) as [WaitReason, number][]).filter(([, count]) => count > 0);
  if (reasons.length === 0) return [];
  reasons.sort(([, left], [, right]) => right - left);
  return [`waiting for: ${reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')}`];
}

function runningLines({ inFlight }: CampaignProgress, nowMs: number): string[] {
  return inFlight.map((item) => {
    const { index, vnfUuid, vnfName, targetVimUuid, targetVimName, startedAt, phase } = item;
    const wholeMs = Math.floor(Math.max(0, nowMs - Date.parse(startedAt)) / 1_000) * 1_000;
    const step = phase == null ? '' : `  ${phase}`;
    // Names and ids come last: a narrow terminal cuts the line.
    const [vnf, vim] = [labelled(vnfName, vnfUuid), labelled(targetVimName, targetVimUuid)];
    return `#${index}  ${shortDuration(wholeMs)}${step}  ${printable(vnf)} to ${printable(vim)}`;
  });
}

function failureLines({ lastFailures }: CampaignProgress): string[] {
  return lastFailures.map(({ index, vnfUuid, vnfName, state, failureType, message }) =>
    `#${index} ${printable(labelled(vnfName, vnfUuid))} ${wordOfFailure(state, failureType)}: ${printable(message ?? '')}`.replace(
      /: $/,
      '',
    ),
  );
}

export function wordOfFailure(state: ItemState, failureType: string | null): string {
  return failureType ?? state.toLowerCase();
}

function listed(title: string, { lines, most }: { lines: readonly string[]; most: number }): string[] {
  if (lines.length === 0) return [];
  const shown = lines.length <= most ? lines : lines.slice(0, most - 1);
  const more = lines.length - shown.length;
  return [`${title}:`, ...shown.map((line) => `  ${line}`), ...(more === 0 ? [] : [`  and ${more} more`])];
}

function fitted(line: string, columns: number): string {
  if (line.length <= columns) return line;
  return `${line.slice(0, Math.max(0, columns - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}
