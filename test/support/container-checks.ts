/** What is waited for and required of containers. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Container, Ended } from './runc.js';

const SOON_MS = 120_000;
const POLL_MS = 50;

/** @throws what was printed, if the container ends meanwhile, or if it never is so */
export async function until(container: Container, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const ends: Ended[] = [];
  const ended = container.ended.then((end) => ends.push(end));
  for (const limitMs = Date.now() + SOON_MS; !(await isSo()); await Promise.race([ended, delay(POLL_MS)])) {
    const [end] = ends;
    if (end !== undefined) throw new Error(`a container has ended with ${describeEnd(end)}`);
    if (Date.now() > limitMs) throw new Error(`nothing happens: ${await container.log()}`);
  }
}

/** By SIGTERM. How long it took. @throws if the code is not 0 */
export async function stopInOrder(container: Container): Promise<number> {
  const atMs = Date.now();
  await container.terminate();
  const ended = await Promise.race([container.ended, delay(SOON_MS, null, { ref: false })]);
  expectThat(ended?.code === 0, `after SIGTERM: ${ended === null ? 'no end' : describeEnd(ended)}`);
  return Date.now() - atMs;
}

export async function isOk(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

export function describeEnd({ code, text }: Ended): string {
  return `code ${String(code)}: ${text}`;
}

export function expectThat(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}
