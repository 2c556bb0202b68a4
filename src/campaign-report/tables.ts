/** The tables of the page. */
import type { CampaignConflict, CampaignItemView, ItemState } from '../shared/campaign/views.js';
import { shortDuration } from '../shared/duration.js';
import { swatch, wordOf } from './charts.js';
import { durationMsOf } from './figures.js';
import { html, Markup, type Part } from './escaped-html.js';
import type { CampaignReport } from './report-data.js';

/** More items than these are folded away at first. */
const MANY = 100;
const DAY_MS = 86_400_000;
const NOT_MOVED: readonly ItemState[] = ['FAILED', 'UNKNOWN', 'SKIPPED', 'CANCELLED'];

/** What a person has to look at. */
export function troubles(report: CampaignReport): Markup | null {
  const bad = report.items.filter(({ state }) => NOT_MOVED.includes(state));
  if (bad.length === 0) return null;
  const words = `${bad.length} ${bad.length === 1 ? 'item was' : 'items were'} not moved`;
  return folded(words, { open: bad.length <= MANY, body: itemTable(bad, report) });
}

export function allItems(report: CampaignReport): Markup {
  const { items } = report;
  const words = items.length === 1 ? 'The one item' : `All ${items.length} items`;
  return folded(words, { open: items.length <= MANY, body: itemTable(items, report) });
}

function folded(words: string, { open, body }: { open: boolean; body: Markup }): Markup {
  return html`<details${open ? new Markup(' open') : null}><summary>${words}</summary>${body}</details>`;
}

function itemTable(items: readonly CampaignItemView[], report: CampaignReport): Markup {
  const withinADay = Date.parse(report.finishedAt ?? report.madeAt) - Date.parse(report.startedAt) < DAY_MS;
  const rows = items.map((item) => {
    const took = durationMsOf(item);
    const { index, vnfUuid, vnfName, serviceInstanceUuid, serviceName, state, startedAt } = item;
    return html`<tr>
      <td class="number">${index}</td>
      <td class="id">${named(vnfName, vnfUuid)}</td>
      <td class="short">${swatch(state)}${wordOf(state)}</td>
      <td class="short">
        ${vim(item.sourceVimName, item.sourceVimUuid)} → ${vim(item.targetVimName, item.targetVimUuid)}
      </td>
      <td class="time">${startedAt === null ? null : instant(startedAt, withinADay ? 11 : 0)}</td>
      <td class="number">${took === null ? '' : shortDuration(took)}</td>
      <td class="text">${outcome(item)}</td>
      <td class="id">${named(serviceName, serviceInstanceUuid)}</td>
    </tr> `;
  });
  return table(['#No', 'VNF', 'State', 'VIMs', 'Began', '#Took', 'New id, or why not', 'Service'], rows);
}

function outcome({ newVnfUuid, failureType, message, waitReason }: CampaignItemView): Markup {
  if (newVnfUuid !== null) return html`<span class="id">${newVnfUuid}</span>`;
  return html`${[failureType, message ?? waitReason].filter((text) => text !== null).join(': ')}`;
}

/** Name first, uuid below. */
function named(name: string | null | undefined, uuid: string): Markup {
  return name == null ? html`${uuid}` : html`${name}<br />${uuid}`;
}

/** The table of VIMs has their uuids whole. */
function vim(name: string | null | undefined, vimUuid: string | null): Markup {
  if (vimUuid === null) return html`?`;
  return html`<span class="id" title="${vimUuid}">${name ?? vimUuid.slice(0, 8)}</span>`;
}

export function conflictTable(
  conflicts: readonly CampaignConflict[],
  { title, hint, count }: { title: string; hint: string; count: number },
): Markup | null {
  if (conflicts.length === 0) return null;
  const rows = conflicts.map(
    ({ kind, vnfUuid, serviceInstanceUuid, vimUuids, message }) =>
      html`<tr>
        <td class="short">${kind.replaceAll('-', ' ')}</td>
        <td class="id">${vnfUuid}</td>
        <td class="text">${message}</td>
        <td class="id">
          ${vimUuids.map((vimUuid, index) => html`${index === 0 ? null : html`<br />`}${vimUuid}`)}
        </td>
        <td class="id">${serviceInstanceUuid}</td>
      </tr>`,
  );
  const more = count > conflicts.length ? ` The first ${conflicts.length} of ${count}.` : null;
  const body = html`<p class="quiet">${hint}${more}</p>
    ${table(['Kind', 'VNF', 'What', 'On VIM', 'Service'], rows)}`;
  return section(title, { body });
}

export function auditTrail({ audit: entries }: CampaignReport): Markup {
  const rows = entries.map(
    ({ at, actor, action, reason }) =>
      html`<tr>
        <td class="time">${instant(at)}</td>
        <td class="short">${actor ?? html`<span class="quiet">the campaign</span>`}</td>
        <td class="short">${action}</td>
        <td class="text">${reason}</td>
      </tr>`,
  );
  const body =
    rows.length === 0 ? html`<p>Nothing was ordered.</p>` : table(['When', 'Who', 'What', 'Why'], rows);
  return section('Orders and turns', { body });
}

export function section(title: string, { body }: { body: Part }): Markup {
  return html`<section>
    <h2>${title}</h2>
    ${body}
  </section>`;
}

/** A heading that begins with # is of numbers. */
export function table(headings: readonly string[], rows: readonly Markup[]): Markup {
  const head = headings.map((text) =>
    text.startsWith('#')
      ? html`<th class="number" scope="col">${text.slice(1)}</th>`
      : text === ''
        ? html`<td></td>`
        : html`<th scope="col">${text}</th>`,
  );
  return html`<div class="scroll" tabindex="0" role="group">
    <table>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** From that character on: a day may be known already. */
export function instant(iso: string, from = 0): Markup {
  return html`<time datetime="${iso}">${iso.slice(from, 19).replace('T', ' ')}</time>`;
}
