/** An exporter that tells when spans cannot be exported, and when they can again: a line for an outage, not for each batch. */
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

export class TellingExporter implements SpanExporter {
  hasTrouble = false;

  constructor(
    private readonly inner: SpanExporter,
    private readonly onTrouble: (reason: string | null) => void,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.inner.export(spans, (result) => {
      this.note(result);
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.inner.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.inner.shutdown();
  }

  private note({ code, error }: ExportResult): void {
    const isFailed = code === ExportResultCode.FAILED;
    if (isFailed === this.hasTrouble) return;
    this.hasTrouble = isFailed;
    this.onTrouble(isFailed ? (error?.message ?? 'no reason was given') : null);
  }
}
