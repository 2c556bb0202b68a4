/**
 * The one error of this room: the repository gave no answer that can be believed.
 *
 * Invariants: the message is for people and holds no credentials; "not there" is never thrown, it is a value.
 */
export class RepositoryUnavailable extends Error {
  override readonly name = 'RepositoryUnavailable';
  /** Whether the same read may succeed later; false where only a person can mend it. */
  readonly retryable: boolean;

  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
  }
}
