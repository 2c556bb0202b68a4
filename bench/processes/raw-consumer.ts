/**
 * The smallest consumer that drains a queue: amqplib alone, our prefetch, one acknowledgement for each message. It
 * ends on SIGTERM.
 */
import { connect } from 'amqplib';
import { repliesQueue } from '../../src/amqp/topology.js';
import { loadConfig } from '../../src/settings/config.js';

const PREFETCH = 200;

const { amqp, deployment } = loadConfig(process.env);
const model = await connect(amqp.urls[0], { noDelay: true });
const channel = await model.createChannel();
await channel.prefetch(PREFETCH);
await channel.consume(repliesQueue(deployment), (message) => {
  if (message !== null) channel.ack(message);
});
process.once('SIGTERM', () => void model.close());
