/** Shows the steps of a migration as lines. All functions are pure: they compare two states. */
import type { AttemptView, MigrationState } from '../../shared/migration/contract.js';
import { humanDuration } from './print.js';

/** The lines for what has changed in `now`. */
export function newsOf({ before, now }: { before: MigrationState | null; now: MigrationState }): string[] {
  const news = now.attempts.flatMap((attempt) =>
    attemptNews({ before: before?.attempts.find(({ number }) => number === attempt.number), now: attempt }),
  );
  if (now.phase !== before?.phase) news.push(...phaseNews(now));
  if (now.trouble !== null && now.trouble !== before?.trouble) news.push(now.trouble);
  if (now.warning != null && now.warning !== before?.warning) news.push(now.warning);
  return news;
}

function attemptNews({ before, now }: { before: AttemptView | undefined; now: AttemptView }): string[] {
  const news: string[] = [];
  const first = now.number === 1;
  const name = first ? 'request' : `request ${String(now.number)} (${now.reason.replaceAll('-', ' ')})`;
  if (now.sent !== 'publishing' && before?.sent !== now.sent) news.push(sentText(name, now));
  const sinceMs = (at: string): string => humanDuration(Date.parse(at) - Date.parse(now.startedAt));
  if (now.ackedAt !== null && before?.ackedAt == null) news.push(`acked after ${sinceMs(now.ackedAt)}`);
  for (const reply of now.replies.slice(before?.replies.length ?? 0)) {
    if (reply.status !== 'MIGRATING') {
      const error = reply.error === null ? '' : `: ${reply.error}`;
      news.push(`the MANO answered ${reply.status} after ${sinceMs(reply.at)}${error}`);
    }
  }
  for (const note of now.notes.slice(before?.notes.length ?? 0)) news.push(note.replace(/^\S+ /, ''));
  return news;
}

function sentText(name: string, { sent, correlationId }: AttemptView): string {
  switch (sent) {
    case 'confirmed':
      return `${name} published as ${correlationId}`;
    case 'perhaps':
      return `${name} perhaps published as ${correlationId}: the broker did not confirm it`;
    case 'not-sent':
      return `${name} not sent`;
    case 'publishing':
      return `${name} is being published`;
  }
}

function phaseNews({ phase, nextStepAt, permit }: MigrationState): string[] {
  const until = nextStepAt === null ? '' : ` (until ${nextStepAt} at most)`;
  switch (phase) {
    case 'awaiting-permit':
      return permit?.state === 'waiting' ? [permitText(permit)] : [];
    case 'busy':
      return [`the service is busy: asking again later${until}`];
    case 'probing':
      return ['no reply: asking the MANO whether it is at work'];
    case 'reconciling':
      return ["reading the MANO's repository to learn what happened"];
    case 'awaiting-operator':
      return ['nobody knows how it ended: waiting for `vnf-migrator resolve`'];
    case 'awaiting-final':
      return [`running at the MANO${until}`];
    case 'validating':
    case 'pre-flight':
    case 'publishing':
    case 'awaiting-ack':
    case 'closed':
      return [];
  }
}

/** What a migration waits for that the limits of the deployment hold. */
export function permitText({ waitingSince, reason }: NonNullable<MigrationState['permit']>): string {
  const since = waitingSince === null ? '' : ` since ${waitingSince}`;
  return `waiting for a permit${since} (${reason ?? 'asking'}): vnf-migrator limits show`;
}
