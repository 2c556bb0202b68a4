/**
 * Text of the MANO's, made fit for people's eyes: failures, logs, a terminal.
 *
 * Invariant: what comes out is bounded, holds no control character but tab and line feed, and no half of a
 * surrogate pair.
 */

// Control characters could steer a terminal; an unpaired surrogate has no UTF-8.
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]|\p{Surrogate}/gu;
const LINE_BREAKS = /[\t\n]/g;

/** The text in at most `limit` UTF-16 units; '…' says that it goes on. */
export function bounded(text: string, limit: number): string {
  const visible = printable(text.slice(0, limit + 1));
  if (visible.length <= limit) return visible;
  return `${visible.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** As `bounded`, on one line. */
export function excerpt(text: string, limit: number): string {
  return bounded(text.slice(0, limit + 1).replace(LINE_BREAKS, ' '), limit);
}

function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
