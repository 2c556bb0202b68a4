import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { ASK_AGAIN } from '../shared/ask-again.js';

const AGAIN_AFTER_MS = 250;

/** Asks a workflow, and again while it is too early for an answer. @throws what the SDK's `query` throws */
export async function ask<T>(
  client: Client,
  { question, timeoutMs }: { question: () => Promise<T>; timeoutMs: number },
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await client.withDeadline(deadlineMs, question);
    } catch (error) {
      const isTooEarly = error instanceof Error && error.message.includes(ASK_AGAIN);
      if (!isTooEarly || Date.now() + AGAIN_AFTER_MS >= deadlineMs) throw error;
      await delay(AGAIN_AFTER_MS);
    }
  }
}
