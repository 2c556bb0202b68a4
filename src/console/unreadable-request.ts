/**
 * Answers what the parser of HTTP refuses: there is no request yet, and nothing to answer by but the connection.
 *
 * Invariant: it is a problem, as every answer that is no success.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { bodyOf, Problem } from './problem.js';

export function answerUnreadable(error: { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const body = bodyOf(problemOf(error.code));
  const text = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status] ?? ''}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${lines.join('\r\n')}\r\n\r\n${text}`);
  socket.destroySoon();
}

function problemOf(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('too-late', 'the request did not arrive in time');
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem('too-large', 'the path, the query and the headers are too large');
  return new Problem('malformed', 'it is no request of HTTP/1.1');
}
