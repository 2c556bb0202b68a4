import { Metadata, status } from '@grpc/grpc-js';
import { ServiceError, type Client } from '@temporalio/client';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ask } from '../../../src/client/call-with-retry.js';

const client = {
  withDeadline: (_deadline: number, call: () => Promise<unknown>) => call(),
} as unknown as Client;

function refusal(code: status, details: string): ServiceError {
  const cause = Object.assign(new Error(details), { code, details, metadata: new Metadata() });
  return new ServiceError('Failed to query Workflow', { cause });
}

const question = vi.fn<() => Promise<string>>();
beforeEach(() => void question.mockReset());

describe('a question', () => {
  it.each([
    [status.RESOURCE_EXHAUSTED, 'consistent query buffer is full, this may be caused by too many queries'],
    [status.FAILED_PRECONDITION, 'Workflow Update failed: workflow task failure'],
  ])('that comes at a bad moment is asked again: %s %s', async (code, details) => {
    question.mockRejectedValueOnce(refusal(code, details)).mockResolvedValue('well');
    expect(await ask(client, { question, timeoutMs: 5_000 })).toBe('well');
    expect(question).toHaveBeenCalledTimes(2);
  });

  it('that is refused otherwise is not', async () => {
    question.mockRejectedValue(refusal(status.RESOURCE_EXHAUSTED, 'namespace rate limit exceeded'));
    await expect(ask(client, { question, timeoutMs: 5_000 })).rejects.toThrow(ServiceError);
    expect(question).toHaveBeenCalledTimes(1);
  });

  it('that is never taken fails in time', async () => {
    question.mockRejectedValue(refusal(status.RESOURCE_EXHAUSTED, 'consistent query buffer is full'));
    await expect(ask(client, { question, timeoutMs: 400 })).rejects.toThrow(ServiceError);
  });
});
