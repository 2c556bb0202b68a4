/**
 * The report as one page that needs nothing else: no script, no request, no file beside it.
 *
 * Invariants: every text is escaped, because messages and names are written by strangers; a policy in the page
 * forbids whatever is not its own style sheet; all that a chart shows is in a table, too.
 */
import { createHash } from 'node:crypto';
import { ganttChart, measure, shareBar } from './charts.js';
import {
  failureKinds,
  histogram,
  moveDurations,
  peakInFlight,
  spreadOf,
  vimFigures,
  waitFigures,
  waitsBeforeStart,
} from './figures.js';
import { ganttOf, type LaneOf } from './gantt.js';
import { html, Markup } from './escaped-html.js';
import { titleOf, type CampaignReport } from './report-data.js';
import { STYLE } from './style.js';
import { allItems, auditTrail, conflictTable, instant, section, table, troubles } from './tables.js';
import { vimNamesOf, vimText } from './vim-names.js';
import { timingText } from '../shared/campaign/timing-text.js';
import { humanDuration, shortDuration } from '../shared/duration.js';

export function htmlReport(report: CampaignReport): string {
  return htmlPage(report).text;
}

/** The page, and the policy that is in it, for a server that says it in a header too. */
export function htmlPage(report: CampaignReport): { text: string; policy: string } {
  const charts = [chart(report, 'target'), chart(report, 'source')].filter((each) => each !== null);
  const style = `${STYLE}${charts.map(({ rule }) => rule).join('')}`;
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>Campaign ${titleOf(report)}</title>
        ${new Markup(`<style>${style}</style>`)}
      </head>
      <body>
        ${heading(report)}
        <main>
          ${summary(report)} ${charts.map(({ section }) => section)}
          <div class="columns">
            <div>${failures(report)}${vims(report)}</div>
            <div>${durations(report)}${waits(report)}</div>
          </div>
          ${troubles(report)}
          ${conflictTable(report.residual, {
            count: report.residualCount,
            title: 'Still on the VIMs',
            hint: 'What an evacuation left there, and why.',
          })}
          ${conflictTable(report.conflicts, {
            count: report.conflictCount,
            title: 'Conflicts',
            hint: 'What stood against items when the campaign was planned.',
          })}
          ${auditTrail(report)} ${allItems(report)}
        </main>
        <footer>
          Made ${instant(report.madeAt)} by vnf-migrator. Times are UTC. A migration's time is that of its
          workflow, waiting for a busy service included.
        </footer>
      </body>
    </html> `;
  return { text: page.text, policy };
}

function heading(report: CampaignReport): Markup {
  const { state, startedAt, finishedAt, madeAt, actor, reason, note } = report;
  const took = humanDuration(Date.parse(finishedAt ?? madeAt) - Date.parse(startedAt));
  const mood = state === 'COMPLETED' ? 'good' : finishedAt === null && note === null ? 'going' : 'bad';
  const words = (state ?? 'ended from outside').toLowerCase().replaceAll('_', ' ');
  const by = actor === null ? null : html` · started by ${actor}`;
  const timing =
    state === null ? '' : timingText({ state, timing: report.timing ?? null }, Date.parse(madeAt));
  return html`<header>
    <h1>Campaign ${titleOf(report)}</h1>
    <span class="pill ${mood}">${words}</span>
    <p>
      ${instant(startedAt)} – ${finishedAt === null ? 'now' : instant(finishedAt)} ·
      ${took}${by}${reason === null ? null : html` · ${reason}`}
    </p>
    ${timing === '' ? null : html`<p>${timing}</p>`}
    ${note === null ? null : html`<p class="bad">${note}</p>`}
  </header>`;
}

function summary(report: CampaignReport): Markup {
  const { items, counts, limits, budget } = report;
  const moves = spreadOf(moveDurations(items));
  const spanMs = Date.parse(report.finishedAt ?? report.madeAt) - Date.parse(report.startedAt);
  const ended = counts.MIGRATED + counts.FAILED + counts.UNKNOWN + counts.ALREADY_THERE;
  const tiles: [string | number, string][] = [
    [items.length, 'items'],
    [counts.MIGRATED, 'migrated'],
    [counts.FAILED + counts.UNKNOWN, 'failed or unknown'],
    [moves === null ? '–' : humanDuration(moves.medianMs), 'median migration'],
    [spanMs <= 0 || ended === 0 ? '–' : rate((ended * 60_000) / spanMs), 'ended a minute'],
    [peakInFlight(report), 'at a time, at most'],
  ];
  const terms = [
    ...(limits === null
      ? []
      : [
          `limits: ${limits.total} in all, ${limits.perSourceVim} a source VIM, ${limits.perTargetVim} a target VIM`,
        ]),
    ...(budget === null
      ? []
      : [`budget: ${budget.maxErrors} errors, ${budget.maxConsecutive} in a row, then ${budget.action}`]),
  ];
  return html`<section aria-label="Summary">
    <div class="tiles">
      ${tiles.map(([value, words]) => html`<p class="tile"><b>${value}</b><span>${words}</span></p>`)}
    </div>
    ${items.length === 0 ? html`<p>It has no items.</p>` : shareBar(counts)}
    ${terms.length === 0 ? null : html`<p class="quiet">${terms.join(' · ')}</p>`}
  </section>`;
}

function rate(perMinute: number): string {
  return perMinute >= 10 ? perMinute.toFixed(0) : perMinute.toFixed(1);
}

function chart(report: CampaignReport, laneOf: LaneOf): { section: Markup; rule: string } | null {
  const gantt = ganttOf(report, laneOf);
  if (gantt === null) return null;
  const [title, verb] = laneOf === 'target' ? ['By target VIM', 'to it'] : ['By source VIM', 'from it'];
  const section = html`<section class="by-${laneOf}">
    <h2>${title}</h2>
    <p class="quiet">
      A bar is a migration, from its start to its end; point at one to learn
      more.${laneOf === 'target' ? null : ' The same migrations again.'}
    </p>
    ${ganttChart(gantt, { title, verb, names: vimNamesOf(report.items) })}
  </section>`;
  return { section, rule: `.by-${laneOf} .plot { min-width: ${gantt.minWidth}px; }\n` };
}

function failures({ items }: CampaignReport): Markup {
  const kinds = failureKinds(items);
  const rows = kinds.map(
    ({ kind, count, example }) =>
      html`<tr>
        <td class="short">${kind}</td>
        <td class="number">${count}</td>
        <td class="text">${example}</td>
      </tr>`,
  );
  return section('Failures by kind', {
    body: kinds.length === 0 ? html`<p>None.</p>` : table(['Kind', '#Items', 'The first of them'], rows),
  });
}

function durations({ items }: CampaignReport): Markup {
  const moves = moveDurations(items);
  const spread = spreadOf(moves);
  if (spread === null)
    return section('How long migrations took', { body: html`<p>None has ended well yet.</p>` });
  const bins = histogram(moves);
  const most = Math.max(...bins.map(({ count }) => count));
  const rows = bins.map(({ fromMs, toMs, count }) => {
    const range =
      toMs === null
        ? `${shortDuration(fromMs)} and longer`
        : `${shortDuration(fromMs)} – ${shortDuration(toMs)}`;
    return html`<tr>
      <td class="short">${range}</td>
      <td class="number">${count}</td>
      ${measure({ share: count / most })}
    </tr>`;
  });
  const words = `median ${humanDuration(spread.medianMs)}, nine of ten within ${humanDuration(spread.p90Ms)}, longest ${humanDuration(spread.longestMs)}`;
  return section('How long migrations took', {
    body: html`<p class="quiet">${words}</p>
      ${table(['Time', '#Migrated', ''], rows)}`,
  });
}

function vims({ items }: CampaignReport): Markup {
  const figures = vimFigures(items);
  const names = vimNamesOf(items);
  const rows = figures.map(
    ({ vimUuid, leaving, left, arriving, arrived, failed }) =>
      html`<tr>
        <td class="id">${vimText(vimUuid, names)}</td>
        <td class="number">${leaving === 0 ? '' : `${left} of ${leaving}`}</td>
        <td class="number">${arriving === 0 ? '' : `${arrived} of ${arriving}`}</td>
        <td class="number">${failed}</td>
      </tr>`,
  );
  return section('VIMs', { body: table(['VIM', '#Left it', '#Arrived', '#Failed'], rows) });
}

function waits(report: CampaignReport): Markup {
  const before = spreadOf(waitsBeforeStart(report));
  const words =
    before === null
      ? 'Nothing has begun yet.'
      : `From the campaign's start to an item's: median ${humanDuration(before.medianMs)}, longest ${humanDuration(before.longestMs)}.`;
  return section('Waiting', {
    body: html`<p class="quiet">${words}</p>
      ${waitTable(report)}`,
  });
}

/** Over the whole campaign, and now: the time of ten items that wait for a minute is ten minutes. */
function waitTable({ waiting, waitedMs }: CampaignReport): Markup | null {
  const rows = waitFigures({ waiting, waitedMs });
  const most = Math.max(...rows.map((row) => row.waitedMs));
  if (rows.length === 0) return null;
  const lines = rows.map(
    (row) =>
      html`<tr>
        <td class="short">${row.reason.replaceAll('-', ' ')}</td>
        <td class="number">${humanDuration(row.waitedMs)}</td>
        ${measure({ share: most === 0 ? 0 : row.waitedMs / most })}
        <td class="number">${row.waitingNow === 0 ? '' : row.waitingNow}</td>
      </tr>`,
  );
  return table(['Waited because of', '#All items together', '', '#Items now'], lines);
}
