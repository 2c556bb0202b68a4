/** What a worker of yours runs: our workflows, and yours. */
export * from 'vnf-migrator/workflows';
export * from './workflows.js';
