/**
 * `vnf-migrator/contract`: types and checks of everything that is public, without Node, so that workflows can import
 * them too.
 */
export * from './campaign.js';
export * from './campaign-views.js';
export * from './failures.js';
export { manoReplySchema, type ManoRecord, type ManoReply, type ManoStatus } from './mano-reply.js';
export * from './migration.js';
export * from './names.js';
