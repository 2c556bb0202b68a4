export { migrateVnf } from './migrate-vnf.js';
