/** A maintenance window while it is edited: texts, whatever they hold. Pure. */
import type { WindowInput } from '../../../shared/windows/schema.js';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export const WINDOW_FORMS = ['days', 'cron', 'once'] as const;
export type WindowForm = (typeof WINDOW_FORMS)[number];

export interface WindowDraft {
  /** For React. */
  key: number;
  kind: 'allow' | 'deny';
  form: WindowForm;
  days: readonly (typeof WEEKDAYS)[number][];
  start: string;
  cron: string;
  duration: string;
  from: string;
  until: string;
  timeZone: string;
}

export function newWindow(key: number, timeZone: string): WindowDraft {
  return {
    key,
    kind: 'allow',
    form: 'days',
    days: ['mon', 'tue', 'wed', 'thu', 'fri'],
    start: '22:00',
    cron: '0 22 * * 1-5',
    duration: '6h',
    from: '',
    until: '',
    timeZone,
  };
}

/** As the contract has it; the console checks it. */
export function windowOf(draft: WindowDraft): WindowInput {
  const { kind, form, days, start, cron, duration, from, until, timeZone } = draft;
  switch (form) {
    case 'days':
      return { kind, days: [...days], start, duration, timeZone };
    case 'cron':
      return { kind, cron, duration, timeZone };
    case 'once':
      return { kind, from, until, timeZone };
  }
}
