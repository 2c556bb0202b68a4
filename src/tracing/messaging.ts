/** Spans of messages, after OpenTelemetry's semantic conventions for RabbitMQ. */
import type { Attributes, SpanSpec } from './tracing.js';

interface Message {
  exchange: string;
  topic: string;
  correlationId: string;
  bodyBytes: number;
}

function attributesOf({ topic, correlationId, bodyBytes }: Message): Attributes {
  return {
    'messaging.system': 'rabbitmq',
    'messaging.rabbitmq.destination.routing_key': topic,
    'messaging.message.conversation_id': correlationId,
    'messaging.message.body.size': bodyBytes,
  };
}

export function publishSpan(message: Message): SpanSpec {
  const destination = `${message.exchange}:${message.topic}`;
  return {
    name: `publish ${destination}`,
    kind: 'producer',
    attributes: {
      ...attributesOf(message),
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.name': destination,
    },
  };
}

export interface ReceivedMessage extends Message {
  queue: string;
  workflowId: string;
}

export function processSpan({ queue, workflowId, ...message }: ReceivedMessage): Omit<SpanSpec, 'parent'> {
  const destination = `${message.exchange}:${message.topic}:${queue}`;
  return {
    name: `process ${destination}`,
    kind: 'consumer',
    attributes: {
      ...attributesOf(message),
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': destination,
      temporalWorkflowId: workflowId,
    },
  };
}
