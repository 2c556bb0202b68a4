/** Which receivers this worker does not know, before a campaign counts on them. */
import type { Receivers } from '../notify/receiver.js';

export interface CheckReceiversInput {
  names: readonly string[];
}

export function createCheckReceivers({ receivers }: { receivers: Receivers }) {
  return ({ names }: CheckReceiversInput): Promise<string[]> =>
    Promise.resolve(names.filter((name) => !receivers.has(name)));
}
