/** The thread of createReplyDecoder: one message in, one decoded reply out, one after the other. */
import { parentPort } from 'node:worker_threads';
import { type ReceivedMessage, decodeReply } from './reply.js';

parentPort?.on('message', (message: ReceivedMessage) => {
  parentPort?.postMessage(decodeReply(message));
});
parentPort?.postMessage('ready');
