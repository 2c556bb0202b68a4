/**
 * The failure types of a migration: strings that callers in every language match on.
 *
 * Invariant: a caller's own retry policy must do no harm, so what may have changed the network, or would fail
 * again, is marked non-retryable where it is thrown.
 */
export const FAILURE_TYPES = [
  /** The input is wrong; nothing was sent. */
  'InvalidMigrationRequest',
  /** The MANO, the pre-flight look at its repository, or the limits of the deployment refused; nothing was moved. */
  'MigrationRejected',
  /** The MANO reported that the migration failed. */
  'MigrationFailed',
  /** Neither the request nor any probe was answered. */
  'MigrationNotAcknowledged',
  /** The VNF may or may not have moved; the state says what is known. */
  'MigrationOutcomeUnknown',
  /** Another workflow held the service for too long, or the service is locked. */
  'ServiceBusy',
  /** No broker took the request; nothing was sent. */
  'BrokerUnavailable',
] as const;
/** The type of a failure of a migration. */
export type FailureType = (typeof FAILURE_TYPES)[number];
