/**
 * `vnf-migrator/contract`: types and checks of everything that is public, without Node, so that workflows can import
 * them too.
 * @module
 */
export * from './campaign/contract.js';
export * from './campaign/views.js';
export * from './limits/contract.js';
export * from './migration/failures.js';
export { manoReplySchema, type ManoRecord, type ManoReply, type ManoStatus } from './mano/reply.js';
export * from './migration/contract.js';
export * from './names.js';
