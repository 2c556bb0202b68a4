/**
 * OpenTelemetry's own settings, as far as they say whether there are traces, and what is to be checked before the start.
 *
 * Invariant: off unless a setting asks for traces, although OpenTelemetry's own default is "on": nobody who sets nothing
 * gets an exporter.
 */
import { z } from 'zod';
import { SAMPLERS, type OtlpProtocol, type TraceSettings } from '../tracing/settings.js';

const EXPORTERS = ['otlp', 'none'] as const;
const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'] as const satisfies readonly OtlpProtocol[];

const endpoint = z.string().refine((value) => /^https?:\/\/[^/]/.test(value) && URL.canParse(value), {
  error: 'expected a URL such as http://127.0.0.1:4318',
});
const protocol = z.enum(PROTOCOLS, { error: `expected one of ${PROTOCOLS.join(', ')}` }).optional();

export const traceEnvironment = {
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(EXPORTERS, { error: `expected one of ${EXPORTERS.join(', ')}` }).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: z.string().optional(),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, { error: `expected one of ${SAMPLERS.join(', ')}` })
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number({ error: 'expected a number from 0 to 1' })
    .min(0, { error: 'expected a number from 0 to 1' })
    .max(1, { error: 'expected a number from 0 to 1' })
    .default(1),
};

type Environment = z.output<z.ZodObject<typeof traceEnvironment>>;

/** Null: there are no traces. */
export function tracesFrom(settings: Environment): TraceSettings | null {
  if (settings.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return null;
  const hasEndpoint =
    (settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT) !== undefined;
  const exporter = settings.OTEL_TRACES_EXPORTER ?? (hasEndpoint ? 'otlp' : 'none');
  if (exporter === 'none') return null;
  const { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: own, OTEL_EXPORTER_OTLP_PROTOCOL: common } = settings;
  return Object.freeze({
    protocol: own ?? common ?? 'http/protobuf',
    sampler: settings.OTEL_TRACES_SAMPLER,
    ratio: settings.OTEL_TRACES_SAMPLER_ARG,
  });
}
