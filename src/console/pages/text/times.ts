/** Times and numbers as people read them. Pure, but for the zone of the browser. */
import { shortDuration } from '../../../shared/duration.js';

/** `2026-12-24 22:00:00` in the zone; by default the browser's. */
export function timeText(iso: string, timeZone?: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'medium',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);
}

/** `22:00:00`. */
export function clockText(ms: number, timeZone?: string): string {
  return timeText(new Date(ms).toISOString(), timeZone).slice(11);
}

/** How long something took, or has taken so far. Whole seconds, because it is read at a glance. */
export function tookText({
  startedAt,
  finishedAt,
  nowMs,
}: {
  startedAt: string | null;
  finishedAt: string | null;
  nowMs: number;
}): string {
  if (startedAt === null) return '';
  const endMs = finishedAt === null ? nowMs : Date.parse(finishedAt);
  const wholeMs = Math.floor(Math.max(0, endMs - Date.parse(startedAt)) / 1_000) * 1_000;
  return shortDuration(wholeMs);
}

/** `1,234`. */
export function numberText(value: number): string {
  return new Intl.NumberFormat('en').format(value);
}

export function percentText(share: number): string {
  return `${Math.floor(100 * Math.min(1, Math.max(0, share)))}%`;
}

/** `3 items`. */
export function countText(count: number, [one, several]: readonly [string, string]): string {
  return `${numberText(count)} ${count === 1 ? one : several}`;
}

/** The zone in which the browser shows times. */
export function presentTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
