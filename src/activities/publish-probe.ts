import type { Publisher } from '../amqp/publisher.js';
import { encodeProbe } from '../mano/request.js';
import { publishOnce, type PublishInput, type PublishOutcome } from './publish-once.js';

export interface PublishProbeInput extends PublishInput {
  serviceInstanceUuid: string;
}

/** Asks the MANO, without side effects, whether it is busy with a service. */
export function createPublishProbe({ publisher }: { publisher: Publisher | null }) {
  return (input: PublishProbeInput): Promise<PublishOutcome> =>
    publishOnce(publisher, { body: encodeProbe(input.serviceInstanceUuid), input });
}
