import type { Publisher } from '../amqp/publisher.js';
import { encodeMigrationRequest } from '../mano/request.js';
import { publishOnce, type PublishInput, type PublishOutcome } from './publish-once.js';

export interface PublishRequestInput extends PublishInput {
  serviceInstanceUuid: string;
  vnfUuid: string;
  /** The VIM to move to. */
  vimUuid: string;
}

/** Asks the MANO to migrate a VNF. To be run with one try: a second would be a second request. */
export function createPublishRequest({ publisher }: { publisher: Publisher | null }) {
  return (input: PublishRequestInput): Promise<PublishOutcome> =>
    publishOnce(publisher, { body: encodeMigrationRequest(input), input });
}
