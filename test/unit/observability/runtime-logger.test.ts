import { expect, it } from 'vitest';
import { runtimeLogger } from '../../../src/observability/runtime-logger.js';
import { logSink } from '../../support/log-sink.js';

it('a task that the SDK could not decode is told without its token', () => {
  const { log, text } = logSink();
  const token = Buffer.from('canary').toString('base64');
  runtimeLogger(log).error('Error while processing ActivityTask.start: no key', {
    workflowId: 'w',
    taskToken: token,
    task: JSON.stringify({ taskToken: token }),
    taskEncoded: Buffer.from(token).toString('base64'),
    error: new Error('no key'),
  });
  expect(JSON.parse(text())).toMatchObject({ workflowId: 'w', error: { message: 'no key' } });
  expect(text()).not.toContain(token);
  expect(text()).not.toContain(Buffer.from(token).toString('base64'));
});
