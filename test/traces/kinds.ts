/** Kinds of spans, as OTLP numbers them. */
export const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export type Kind = keyof typeof KINDS;
