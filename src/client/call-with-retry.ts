import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { isGrpcServiceError, type Client } from '@temporalio/client';
import { ASK_AGAIN } from '../shared/retry-query.js';

const AGAIN_AFTER_MS = 250;

/**
 * Asks a workflow something, or gives it an order, and again while it cannot take it for a moment.
 *
 * @throws what the SDK throws of a query, or of an update
 */
export async function ask<T>(
  client: Client,
  { question, timeoutMs }: { question: () => Promise<T>; timeoutMs: number },
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await client.withDeadline(deadlineMs, question);
    } catch (error) {
      if (!isTooEarly(error) || Date.now() + AGAIN_AFTER_MS >= deadlineMs) throw error;
      await delay(AGAIN_AFTER_MS);
    }
  }
}

function isTooEarly(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { message, cause } = error;
  // A campaign that was about to go on in another run when something came: the order was not taken, the campaign lives.
  const isBetweenRuns =
    isGrpcServiceError(cause) &&
    cause.code === status.FAILED_PRECONDITION &&
    cause.details.includes('workflow task failure');
  // One that works, and of which somebody else asks something: the server keeps few questions waiting.
  const isAskedMuch =
    isGrpcServiceError(cause) &&
    cause.code === status.RESOURCE_EXHAUSTED &&
    cause.details.includes('query buffer is full');
  return isBetweenRuns || isAskedMuch || message.includes(ASK_AGAIN);
}
