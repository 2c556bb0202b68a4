/**
 * Messages as the SLM reads and writes them: YAML by PyYAML's rules in both directions.
 *
 * Invariants: a request that PyYAML could not load is `unreadable`, whatever its properties state. No field of a
 * request is assumed to have a type. A reply carries exactly the properties of the recorded runs.
 */
import { dump, loadAll, visit, YAML11_SCHEMA, type Document, type MappingNode } from 'js-yaml';
import { SLM_APP_ID, type CREATE_TOPIC, type MIGRATE_TOPIC } from '../mano/topics.js';
import type { Nsr, Vnfr } from './records.js';

export interface IncomingMessage {
  routingKey: string;
  appId?: string | undefined;
  correlationId?: string | undefined;
  replyTo?: string | undefined;
  body: Uint8Array;
}

/**
 * migration: names a service and a VNF or a VIM · probe: names only a service · ping: an empty mapping · malformed:
 * anything else, readable or not.
 */
export const REQUEST_KINDS = ['migration', 'probe', 'ping', 'malformed'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

export type Payload = { form: 'unreadable' } | { form: 'not-a-mapping' } | { form: 'mapping' };

export interface ManoRequest {
  kind: RequestKind;
  payload: Payload['form'];
  /** The entries of the mapping, as PyYAML reads them. Empty if the payload is not a mapping. */
  fields: Record<string, unknown>;
  correlationId: string | undefined;
  appId: string | undefined;
  replyTo: string | undefined;
}

/** The types that an error has on the wire. */
export type ErrorValue = string | number | Record<string, unknown>;

export type ReplyTopic = typeof MIGRATE_TOPIC | typeof CREATE_TOPIC;

export interface ReplyBody {
  status: 'MIGRATING' | 'READY' | 'ERROR';
  error: ErrorValue | null;
  timestamp?: number;
  duration?: number;
  workflow?: 'migratevnf';
  nsr?: Nsr;
  vnfrs?: Vnfr[];
}

export interface Reply {
  topic: ReplyTopic;
  /** Undefined if the request named none. Then the reply names none either. */
  correlationId: string | undefined;
  body: ReplyBody;
}

/** The AMQP properties of a reply. Any other property is absent on the wire. */
export interface ReplyProperties {
  contentType: 'application/json';
  contentEncoding: 'utf-8';
  headers: { key: 'default'; type: 'request' };
  appId: typeof SLM_APP_ID;
  correlationId?: string;
}

export interface OutgoingMessage {
  topic: ReplyTopic;
  properties: ReplyProperties;
  body: string;
}

export function readRequest(message: IncomingMessage): ManoRequest {
  const { form, fields } = readPayload(message.body);
  return {
    kind: form === 'mapping' ? kindOf(fields) : 'malformed',
    payload: form,
    fields,
    correlationId: message.correlationId,
    appId: message.appId,
    replyTo: message.replyTo,
  };
}

function readPayload(body: Uint8Array): Pick<ManoRequest, 'fields'> & Payload {
  let documents: unknown[];
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    documents = loadAll(text, { schema: YAML11_SCHEMA, json: true });
  } catch {
    return { form: 'unreadable', fields: {} };
  }
  // PyYAML's load() reads an empty stream as null, and refuses a second document.
  if (documents.length > 1) return { form: 'unreadable', fields: {} };
  const payload = documents[0];
  return isMapping(payload) ? { form: 'mapping', fields: payload } : { form: 'not-a-mapping', fields: {} };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function kindOf(fields: Record<string, unknown>): RequestKind {
  if (Object.keys(fields).length === 0) return 'ping';
  if (!Object.hasOwn(fields, 'service_instance_uuid')) return 'malformed';
  const namesMore = Object.hasOwn(fields, 'vnf_uuid') || Object.hasOwn(fields, 'vim_uuid');
  return namesMore ? 'migration' : 'probe';
}

/**
 * Dumps a YAML document in PyYAML's block style: sorted keys, no indent before a dash, quotes where YAML 1.1 needs
 * them.
 */
export function dumpLikePyYaml(value: unknown): string {
  return dump(value, { transform: sortMappings, seqNoIndent: true, lineWidth: 80, noRefs: true });
}

function sortMappings(documents: Document[]): void {
  visit(documents, (node) => {
    if (node.kind === 'mapping') node.items.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  });
}

function keyOf({ key }: MappingNode['items'][number]): string {
  return key.kind === 'scalar' ? key.value : '';
}

/** Python always writes a float with a decimal point. JavaScript writes one only for a value that is not whole. */
export function pythonFloat(value: number): number {
  return Number.isInteger(value) ? value + 0.000001 : value;
}

export function writeReply({ topic, correlationId, body }: Reply): OutgoingMessage {
  return {
    topic,
    properties: {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { key: 'default', type: 'request' },
      appId: SLM_APP_ID,
      ...(correlationId === undefined ? {} : { correlationId }),
    },
    body: dumpLikePyYaml(body),
  };
}
