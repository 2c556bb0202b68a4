/** Without Node: workflow code is bundled with the name. */

export const UNREADABLE_PAYLOAD = 'UnreadablePayloadError';

/** An encrypted payload that cannot be read here. Its message names key ids and settings, and nothing of the payload. */
export class UnreadablePayloadError extends Error {
  override readonly name = UNREADABLE_PAYLOAD;
}
