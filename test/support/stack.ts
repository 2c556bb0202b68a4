// One private Temporal and RabbitMQ for a whole run of the tests that need them, with its own ports and folder. A
// test that stops or kills one of them must start its own server, because the other tests rely on these.
import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { startStack } from '../../src/dev/stack.js';

export interface TestStack {
  temporalAddress: string;
  amqpUrl: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    stack: TestStack;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = `.vnf-migrator/test-${process.pid}`;
  const stack = await startStack({
    directory,
    management: false,
    install: process.env['VNF_MIGRATOR_NO_INSTALL'] !== '1',
    report: (line) => console.error(`[stack] ${line}`),
  });
  const { temporalAddress, amqpUrl } = stack;
  project.provide('stack', { temporalAddress, amqpUrl });
  return async () => {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
