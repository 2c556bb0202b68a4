import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePorts, isListening, LOOPBACK } from '../../../src/dev/processes/ports.js';

describe('freePorts', () => {
  it('gives different ports below the ephemeral range, free to be used', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) expect(port).toBeLessThan(32_768);
    const [port = 0] = ports;
    const server = createServer();
    expect(await isListening(port)).toBe(false);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: LOOPBACK, port }, resolve);
    });
    expect(await isListening(port)).toBe(true);
    await new Promise((resolve) => server.close(resolve));
  });
});
