/** Durations as people and other languages write them: milliseconds, or a number with a unit. */
import { z } from 'zod';

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
export const durationSchema = z
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
  });
