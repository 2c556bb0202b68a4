/** The event streams, which the fuzzer leaves out: what is wrong is refused, and the stream of what has ended, ends. */
import type { ConsoleCaller } from '../support/console-process.js';

const ODD_IDS = [
  ...['none', '%00', '%20', '..%2F..', '%2e%2e', '%F0%9F%9A%80', '%27%20OR%201%3D1', 'vnf-campaign%2F'],
  ...['%', '%zz', '%C3%28', 'a'.repeat(1_000), 'a'.repeat(1_001), 'a'.repeat(3_001), '%2F'.repeat(900)],
];
const ODD_LAST_IDS = ['', '0', 'x.1', '.', 'e.-1', `${'9'.repeat(80)}.1`, '💥', '\u{0}'];
const ENDS_WITHIN_MS = 20_000;

/** Every finding. */
export async function lookAtStreams(
  caller: ConsoleCaller,
  ended: { campaigns: string; migrations: string },
): Promise<string[]> {
  const findings: string[] = [];
  const refused = async (path: string, statuses: readonly number[]): Promise<void> => {
    const response = await caller.ask('GET', path);
    const type = response.headers.get('content-type') ?? '';
    await response.body?.cancel();
    if (!statuses.includes(response.status) || !type.startsWith('application/problem+json'))
      findings.push(`${path.slice(0, 200)}: ${response.status} ${type}`);
  };
  for (const kind of ['campaigns', 'migrations'] as const) {
    for (const id of ODD_IDS) await refused(`${kind}/${id}/events`, [400, 404, 422]);
    const path = `${kind}/${encodeURIComponent(ended[kind])}/events`;
    await refused(`${path}?extra=1`, [422]);
    await refused(`${path}?lastEventId=${'a'.repeat(101)}`, [422]);
    for (const lastId of ODD_LAST_IDS) {
      const query = `${path}?lastEventId=${encodeURIComponent(lastId)}`;
      const response = await caller.ask('GET', query);
      const text = await Promise.race([
        response.text(),
        new Promise<string>((done) => setTimeout(done, ENDS_WITHIN_MS, 'it does not end').unref()),
      ]);
      if (response.status !== 200 || !text.includes('event:ended'))
        findings.push(`${query}: ${response.status} ${text.slice(0, 500)}`);
    }
  }
  return findings;
}
