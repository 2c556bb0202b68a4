/**
 * Where the broker is: one URL, or one for each of several nodes of a cluster, separated by commas.
 *
 * Invariant: a comma separates only where a URL begins after it, so that a password may hold one.
 */
const SEPARATOR = /\s*,\s*(?=amqps?:\/\/|$)/i;

/** At least one. */
export type BrokerUrls = readonly [string, ...string[]];

export function brokerUrls(text: string): BrokerUrls {
  const [first = '', ...others] = text.trim().split(SEPARATOR);
  return [first, ...others];
}

/** Host and port of a node, as it may be shown. */
export function nodeOf(url: string): string {
  return new URL(url).host;
}
