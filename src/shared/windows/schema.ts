/**
 * Maintenance windows as callers write them.
 *
 * Invariant: what the schema lets pass has at least one reading: its zone is known, and its times exist on a calendar.
 */
import { z } from 'zod';
import { durationSchema } from '../duration.js';
import { lazily, type Input, type Output } from '../lazy-schema.js';
import { cronProblem, isLocalTime, isTimeZone, localTimeProblem, millisOf } from './calendar.js';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** An IANA name, such as `Europe/Athens`. */
const timeZoneSchema = lazily(() =>
  z.string().refine(isTimeZone, { error: ({ input }) => `unknown time zone ${JSON.stringify(input)}` }),
);
const kindSchema = lazily(() => z.enum(['allow', 'deny']));
const localTimeSchema = lazily(() =>
  z.string().superRefine((text, context) => {
    const problem = localTimeProblem(text);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  }),
);

/** Again and again, at the times of a cron expression of five fields, in a zone. */
const cronWindowSchema = lazily(() =>
  z.strictObject({
    kind: kindSchema(),
    cron: z.string().superRefine((text, context) => {
      const problem = cronProblem(text);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    }),
    duration: durationSchema(),
    timeZone: timeZoneSchema(),
  }),
);

/** On days of the week, at a time of the day. */
const weeklyWindowSchema = lazily(() =>
  z.strictObject({
    kind: kindSchema(),
    days: z.array(z.enum(WEEKDAYS)).min(1).max(7),
    start: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of the day such as "22:00"'),
    duration: durationSchema(),
    timeZone: timeZoneSchema(),
  }),
);

/** Once. Times with an offset or `Z` need no zone. */
const onceWindowSchema = lazily(() =>
  z
    .strictObject({
      kind: kindSchema(),
      from: localTimeSchema(),
      until: localTimeSchema(),
      timeZone: timeZoneSchema().optional(),
    })
    .superRefine(({ from, until, timeZone }, context) => {
      const problem = (message: string, field: string): void =>
        context.addIssue({ code: 'custom', message, path: [field] });
      if (timeZone === undefined && [from, until].some(isLocalTime)) {
        problem('a time without an offset needs it', 'timeZone');
        return;
      }
      if (localTimeProblem(from) !== null || localTimeProblem(until) !== null) return;
      if (millisOf(until, timeZone) <= millisOf(from, timeZone)) problem('is not after from', 'until');
    }),
);

/** Schema of one window. */
export const windowSchema = lazily(
  (): z.ZodType<Window, WindowInput> =>
    z.unknown().transform((value, context): Window => {
      const schema = schemaFor(value);
      if (schema === null) {
        const message = 'expected cron and duration, or days, start and duration, or from and until';
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      }
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
      for (const { path, message } of parsed.error.issues) {
        context.addIssue({ code: 'custom', message, path });
      }
      return z.NEVER;
    }) as unknown as z.ZodType<Window, WindowInput>,
);

/** By its own fields, so that the problems are those of the kind that was meant. */
function schemaFor(value: unknown) {
  if (typeof value !== 'object' || value === null) return null;
  if ('cron' in value) return cronWindowSchema();
  if ('days' in value || 'start' in value) return weeklyWindowSchema();
  return 'from' in value || 'until' in value ? onceWindowSchema() : null;
}

export type CronWindow = Output<typeof cronWindowSchema>;
export type WeeklyWindow = Output<typeof weeklyWindowSchema>;
export type OnceWindow = Output<typeof onceWindowSchema>;
/** One window, as callers write it. */
export type WindowInput =
  Input<typeof cronWindowSchema> | Input<typeof weeklyWindowSchema> | Input<typeof onceWindowSchema>;
/** One window, checked: durations in milliseconds. */
export type Window = CronWindow | WeeklyWindow | OnceWindow;
