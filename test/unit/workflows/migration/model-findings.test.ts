/**
 * What the model of a migration has found in the code (docs/model.md). Each of them is expected to fail: whoever mends it
 * turns `it.fails` into `it`, and takes the row out of that page.
 */
import { expect, it } from 'vitest';
import { mayBeRunning } from '../../../../src/workflows/migration/next-step.js';
import { ledgerOf } from './facts.js';
import { play, settle, start, stepOf, type Move, type State } from './loop.js';

const acked = { kind: 'reply', to: 0, reply: 'ack' } as const;

/** With a repository, after the first request, which the broker has confirmed. */
function requested(maxAttempts = 3): State {
  const opened = start(ledgerOf({ hasRepository: true, policy: { maxAttempts } }));
  const ready = settle(opened, { look: 'untouched', until: ({ kind }) => kind === 'publish' });
  return after(ready, { kind: 'go' }, { kind: 'published', sent: 'confirmed', tookMs: 0 });
}

function after(state: State, ...moves: Move[]): State {
  return moves.reduce(play, state);
}

it.fails('a look that began before the pause was over is none that allows a request', () => {
  const silent = settle(after(requested(), acked), {
    look: 'untouched',
    until: ({ kind }) => kind === 'probe',
  });
  const free = after(
    silent,
    { kind: 'go' },
    { kind: 'published', sent: 'confirmed', tookMs: 0 },
    { kind: 'answer', to: 0, answer: 'free' },
    { kind: 'pass', ms: 3_000 },
  );
  expect(stepOf(free).kind).toBe('look');
  const slow = after(free, { kind: 'go' }, { kind: 'looked', seen: 'untouched', tookMs: 20_000 });
  expect(stepOf(slow).kind).toBe('look');
});

it.fails('the last attempt is called harmless by a look after the pause, as every other one is', () => {
  const failed = after(requested(1), acked, { kind: 'reply', to: 0, reply: 'final-error' });
  const looked = after(failed, { kind: 'go' }, { kind: 'looked', seen: 'untouched', tookMs: 0 });
  expect(stepOf(looked).kind).toBe('wait');
});

it.fails('a READY that nobody has verified yet leaves a doubt', () => {
  const { ledger } = after(requested(), { kind: 'reply', to: 0, reply: 'ready' });
  expect(mayBeRunning(ledger)).toBe(true);
});
