/** What the settings of OpenTelemetry say of the traces of a process. Endpoints, headers and limits are read by its SDK. */
export type OtlpProtocol = 'grpc' | 'http/protobuf' | 'http/json';

export type SamplerName = (typeof SAMPLERS)[number];

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export interface TraceSettings {
  readonly protocol: OtlpProtocol;
  readonly sampler: SamplerName;
  /** The share of traces that is kept, where the sampler goes by one. */
  readonly ratio: number;
}
