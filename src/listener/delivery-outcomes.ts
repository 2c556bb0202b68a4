/** What can become of a message on our queue; counted each, so that nothing vanishes unseen. */
export const DELIVERY_OUTCOMES = [
  /** A workflow has it. */
  'signalled',
  /** Not ours: another requester's, or another deployment's. */
  'foreign',
  /** Our own request, which the exchange gives back to us. */
  'own-echo',
  /** For a workflow that is closed, whose outcome it could not change. */
  'late',
  /** Tells a workflow what it was told before. */
  'repeated',
  /** Answers no request of the workflow that it names. */
  'unasked',
  /** Ours, with an unknown status; time limits decide. */
  'unknown-status',
  /** Kept for a person. */
  'parked',
  /** Given back to the queue. */
  'requeued',
] as const;
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number];

export type FateCounts = Record<DeliveryOutcome, number>;

export function noFates(): FateCounts {
  return Object.fromEntries(DELIVERY_OUTCOMES.map((fate) => [fate, 0])) as FateCounts;
}
