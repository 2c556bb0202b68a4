/** What the trace of a migration must have. */
import type { Wanted } from './trace.js';

const RUN = 'RunWorkflow:migrateVnf';
const CORRELATION_ID = /^vnfm:.+:[0-9a-f]{16}$/;

/** One request on the bus, an ack and READY. `starter`: the span that started the workflow. */
export function migrationOnBus({
  exchange,
  starter,
}: {
  exchange: string;
  starter: string | null;
}): Wanted[] {
  const message = {
    'messaging.system': 'rabbitmq',
    'messaging.rabbitmq.destination.routing_key': /^service\.instances?\./,
    'messaging.message.conversation_id': CORRELATION_ID,
  };
  return [
    { name: RUN, kind: 'internal', below: starter, count: 1 },
    { name: 'StartActivity:publishRequest', kind: 'internal', below: RUN, count: 1 },
    { name: 'RunActivity:publishRequest', kind: 'internal', below: 'StartActivity:publishRequest', count: 1 },
    {
      ...{ name: 'publish ', kind: 'producer', below: 'RunActivity:publishRequest', count: 1 },
      attributes: {
        ...message,
        'messaging.operation.type': 'send',
        'messaging.destination.name': `${exchange}:service.instance.migrate`,
      },
    },
    {
      ...{ name: 'process ', kind: 'consumer', below: RUN, count: 2 },
      attributes: { ...message, 'messaging.operation.type': 'process', 'vnfm.fate': 'signalled' },
    },
    { name: 'HandleSignal:manoReply', kind: 'internal', below: 'process ', count: 2 },
  ];
}

/** The repository, over HTTP. */
export const REPOSITORY_READS: Wanted[] = [
  {
    ...{ name: 'GET /records/', kind: 'client', below: 'RunActivity:readService' },
    attributes: {
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'url.full': /^http:\/\/127\.0\.0\.1:\d+\/records\/[\w/-]+$/,
    },
  },
];

/** Through the Gatekeeper: posted, and told by a callback. */
export const MIGRATION_BY_GATEKEEPER: Wanted[] = [
  {
    ...{ name: 'POST /requests', kind: 'client', below: 'RunActivity:postRequest', count: 1 },
    attributes: { 'http.response.status_code': 201 },
  },
  {
    ...{ name: 'POST /{correlationId}', kind: 'server', below: RUN },
    attributes: { 'http.route': '/{correlationId}', 'messaging.message.conversation_id': CORRELATION_ID },
  },
];
