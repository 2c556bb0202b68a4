/**
 * The SDK's own Prometheus exporter, behind our `/metrics`: it cannot share a server, so it listens on a
 * loopback port of its own, and we hand on what it says.
 */
import { createServer, type AddressInfo } from 'node:net';

const SCRAPE_WITHIN_MS = 5_000;

export interface MetricsExporter {
  /** For the telemetry options of the SDK's runtime. */
  bindAddress: string;
  /** All metrics, the SDK's and ours, as Prometheus reads them. */
  scrape: () => Promise<string>;
}

export async function reserveMetricsExporter(): Promise<MetricsExporter> {
  const bindAddress = `127.0.0.1:${await freePort()}`;
  return {
    bindAddress,
    scrape: async () => {
      const response = await fetch(`http://${bindAddress}/metrics`, {
        signal: AbortSignal.timeout(SCRAPE_WITHIN_MS),
      });
      if (!response.ok) throw new Error(`the exporter answered ${response.status}`);
      return await response.text();
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
