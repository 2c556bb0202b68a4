/** Durations as people and other languages write them: milliseconds, or a number with a unit. */
import { z } from 'zod';
import { lazily } from './lazy-schema.js';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PATTERN = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/** Nothing here waits longer; it also keeps an AMQP `expiration` within 32 bits. */
export const LONGEST_DURATION_MS = 30 * UNIT_MS.d;

/** Milliseconds of a duration such as `2m`, `90s`, `1.5h` or 250; null if it is none. */
export function durationMs(value: number | string): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.round(value) : null;
  const match = PATTERN.exec(value.trim());
  const [, amount, unit] = match ?? [];
  if (amount === undefined || unit === undefined) return null;
  return Math.round(Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]);
}

/** A duration of the contract: milliseconds or text on the wire, milliseconds once parsed. */
export const durationSchema = lazily(() =>
  z
    .union([z.number(), z.string()], {
      error: 'expected milliseconds, or a number with a unit (ms, s, m, h, d) such as "2m"',
    })
    .transform((value, context) => {
      const ms = durationMs(value);
      if (ms !== null && ms >= 1 && ms <= LONGEST_DURATION_MS) return ms;
      context.addIssue({
        code: 'custom',
        message: `expected a duration from 1 ms to 30d, such as 120000 or "2m", not ${JSON.stringify(value)}`,
      });
      return z.NEVER;
    }),
);

/** `1.4 s`, `2 min 5 s`: how people read durations. */
export function humanDuration(ms: number): string {
  if (ms < 1_000) return `${String(Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return hours > 0
    ? `${String(hours)} h ${String(minutes)} min`
    : `${String(minutes)} min ${String(seconds % 60)} s`;
}

/** `2.5s`, `30s`, `1m`, `2h 30m`: as people write them, where place is short; the two largest units. */
export function shortDuration(ms: number): string {
  if (ms < 10_000) return `${String(Number((ms / 1_000).toFixed(1)))}s`;
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return shown.map(([amount, unit]) => `${String(amount)}${unit}`).join(' ');
}
