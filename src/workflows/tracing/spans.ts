/** A span that a workflow has ended, as it leaves the sandbox. */
import type { Sinks } from '@temporalio/workflow';
import type { SpanContext } from '../../shared/trace-context.js';

export interface WorkflowSpan {
  name: string;
  context: SpanContext;
  parent: SpanContext | null;
  /** Nobody has asked a sampler for this trace: see UNDECIDED. */
  isUndecided: boolean;
  /** What it was caused by in another trace; null: nothing. */
  link: SpanContext | null;
  startMs: number;
  endMs: number;
  /** The type of a failure; null: it did not fail. Messages stay in Temporal, where they may be encrypted. */
  errorType: string | null;
}

export interface TracingSinks extends Sinks {
  tracing: { ended: (span: WorkflowSpan) => void };
}
