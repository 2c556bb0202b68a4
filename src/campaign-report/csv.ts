/**
 * The items of a report, a line each, for spreadsheets.
 *
 * Invariants: RFC 4180; what a spreadsheet would take for a formula is made text by an apostrophe, because
 * messages are written by strangers.
 */
import type { CampaignItemView } from '../shared/campaign/views.js';
import { durationMsOf } from './figures.js';
import type { CampaignReport } from './report-data.js';

const COLUMNS: [string, (item: CampaignItemView) => string | number | null][] = [
  ['index', ({ index }) => index],
  ['serviceInstanceUuid', ({ serviceInstanceUuid }) => serviceInstanceUuid],
  ['vnfUuid', ({ vnfUuid }) => vnfUuid],
  ['presentVnfUuid', ({ presentVnfUuid }) => presentVnfUuid],
  ['newVnfUuid', ({ newVnfUuid }) => newVnfUuid],
  ['vnfName', ({ vnfName }) => vnfName ?? null],
  ['serviceName', ({ serviceName }) => serviceName ?? null],
  ['sourceVimName', ({ sourceVimName }) => sourceVimName ?? null],
  ['sourceVimUuid', ({ sourceVimUuid }) => sourceVimUuid],
  ['targetVimName', ({ targetVimName }) => targetVimName ?? null],
  ['targetVimUuid', ({ targetVimUuid }) => targetVimUuid],
  ['priority', ({ priority }) => priority],
  ['wave', ({ wave }) => wave],
  ['generation', ({ generation }) => generation],
  ['state', ({ state }) => state],
  ['waitReason', ({ waitReason }) => waitReason],
  ['failureType', ({ failureType }) => failureType],
  ['message', ({ message }) => message],
  ['startedAt', ({ startedAt }) => startedAt],
  ['finishedAt', ({ finishedAt }) => finishedAt],
  ['durationSeconds', (item) => seconds(durationMsOf(item))],
  ['workflowId', ({ workflowId }) => workflowId],
];

export function csvReport({ items }: CampaignReport): string {
  const header = COLUMNS.map(([name]) => name);
  const rows = items.map((item) => COLUMNS.map(([, value]) => cell(value(item))));
  return [header, ...rows].map((cells) => `${cells.join(',')}\r\n`).join('');
}

function seconds(ms: number | null): string | null {
  return ms === null ? null : (ms / 1_000).toFixed(1);
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
