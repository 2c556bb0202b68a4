/**
 * The recorded runs of the real MANO: the messages on the wire, one a line.
 *
 * `body_base64` holds a body that is not UTF-8. A property that is missing from a line was absent on the wire.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { SLM_APP_ID } from '../../src/mano/topics.js';

export interface TranscriptProperties {
  content_type?: string;
  content_encoding?: string;
  headers?: Record<string, unknown>;
  correlation_id?: string;
  reply_to?: string;
  app_id?: string;
  delivery_mode?: number;
  priority?: number;
}

export interface TranscriptMessage {
  atMs: number;
  exchange: string;
  routingKey: string;
  properties: TranscriptProperties;
  body: Buffer;
}

export interface Transcript {
  /** The number that the documents cite, such as '05f'. */
  number: string;
  name: string;
  messages: TranscriptMessage[];
}

interface Line {
  at_ms: number;
  exchange: string;
  routing_key: string;
  properties: TranscriptProperties;
  body?: string;
  body_base64?: string;
}

const FOLDER = new URL('./transcripts/', import.meta.url);

/** The numbers of all transcripts in this folder. */
export function transcriptNumbers(): string[] {
  return fileNames().map(numberOf).sort();
}

export function loadTranscript(number: string): Transcript {
  const file = fileNames().find((name) => numberOf(name) === number);
  if (file === undefined) throw new Error(`there is no transcript ${number}`);
  const lines = readFileSync(new URL(file, FOLDER), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return {
    number,
    name: file.replace(/\.jsonl$/, ''),
    messages: lines.map((line) => messageOf(JSON.parse(line) as Line)),
  };
}

/**
 * Returns true if the MANO sent the message as a reply. The request of run 22, which carries the MANO's app_id, is
 * not a reply.
 */
export function isManoReply({ properties }: TranscriptMessage): boolean {
  return properties.app_id === SLM_APP_ID && properties.reply_to === undefined;
}

function fileNames(): string[] {
  return readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl'));
}

function numberOf(fileName: string): string {
  return fileName.slice(0, fileName.indexOf('-'));
}

function messageOf(line: Line): TranscriptMessage {
  const { at_ms: atMs, exchange, routing_key: routingKey, properties } = line;
  const body =
    line.body === undefined ? Buffer.from(line.body_base64 ?? '', 'base64') : Buffer.from(line.body);
  return { atMs, exchange, routingKey, properties, body };
}
