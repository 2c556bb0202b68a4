/**
 * What the MANO's durable ledger shows about a campaign. All functions are pure. The campaign itself is never
 * queried.
 *
 * A move is in flight from the time when the MANO consumed its request until its final reply.
 */
import { entriesOf, type LedgerEntry } from '../../src/simulator/index.js';

export interface Moved {
  serviceInstanceUuid: string;
  vnfUuid: string;
  sourceVimUuid: string;
}

export interface Witness {
  requests: number;
  /** VNFs that were moved once; those that were not. */
  movedOnce: number;
  wrong: string[];
  most: { total: number; perSource: number; perTarget: number; perService: number };
}

export interface Flight {
  fromMs: number;
  toMs: number;
  source: string;
  target: string;
  service: string;
}

export function witnessOf(ledger: readonly LedgerEntry[], expected: readonly Moved[]): Witness {
  const flights = flightsOf(ledger, new Map(expected.map((one) => [one.vnfUuid, one])));
  const moves = new Map<string, number>();
  for (const { change } of entriesOf(ledger, 'record')) {
    if (change.change !== 'deployed') continue;
    moves.set(change.move.vnfUuid, (moves.get(change.move.vnfUuid) ?? 0) + 1);
  }
  const wrong = expected.flatMap(({ vnfUuid }) => {
    const times = moves.get(vnfUuid) ?? 0;
    return times === 1 ? [] : [`VNF ${vnfUuid} was moved ${String(times)} times`];
  });
  const most = (keyOf: (flight: Flight) => string): number => mostAtOnce(flights, keyOf);
  return {
    requests: entriesOf(ledger, 'request').filter(({ kind }) => kind === 'migration').length,
    movedOnce: expected.length - wrong.length,
    wrong,
    most: {
      total: most(() => 'all'),
      perSource: most(({ source }) => source),
      perTarget: most(({ target }) => target),
      perService: most(({ service }) => service),
    },
  };
}

export function flightsOf(ledger: readonly LedgerEntry[], known: ReadonlyMap<string, Moved>): Flight[] {
  const finals = new Map<string | null, number>();
  for (const { correlationId, isFinal, atMs } of entriesOf(ledger, 'reply')) {
    if (isFinal && !finals.has(correlationId)) finals.set(correlationId, atMs);
  }
  return entriesOf(ledger, 'decision')
    .filter(({ kind, decision }) => kind === 'migration' && decision === 'accepted')
    .map(({ atMs, correlationId, vnfUuid, vimUuid, serviceInstanceUuid }) => ({
      fromMs: atMs,
      toMs: finals.get(correlationId) ?? Number.POSITIVE_INFINITY,
      source: known.get(String(vnfUuid))?.sourceVimUuid ?? 'unknown',
      target: String(vimUuid),
      service: String(serviceInstanceUuid),
    }));
}

export function mostAtOnce(flights: readonly Flight[], keyOf: (flight: Flight) => string): number {
  const edges = flights.flatMap((flight) => [
    { key: keyOf(flight), atMs: flight.fromMs, by: 1 },
    { key: keyOf(flight), atMs: flight.toMs, by: -1 },
  ]);
  // What ends in the same millisecond as another begins has ended before.
  edges.sort((left, right) => left.atMs - right.atMs || left.by - right.by);
  const now = new Map<string, number>();
  let most = 0;
  for (const { key, by } of edges) {
    const count = (now.get(key) ?? 0) + by;
    now.set(key, count);
    most = Math.max(most, count);
  }
  return most;
}
