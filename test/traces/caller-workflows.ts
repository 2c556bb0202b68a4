/** A workflow of a caller with traces of its own, by Temporal's interceptors. */
export { moveAndTell } from '../support/caller-workflows.js';
