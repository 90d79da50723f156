import { z } from 'zod';
import { parse } from '../config.ts';

const protocol = z.literal('http/protobuf', { error: 'only http/protobuf is spoken here' }).optional();
const endpoint = z.url().optional();

/** Whether there are traces. Throws ConfigurationError with every problem found. */
export const loadTracingConfig = (env?: Readonly<Record<string, string | undefined>>): { isOn: boolean } =>
  parse(tracingSchema(), env);

/**
 * The standard variables of OpenTelemetry that say whether there are traces, and what they say of it. Read here so that a mistake ends
 * the process at its start; what else there is (headers, timeouts, limits, the service's name) OpenTelemetry reads itself.
 */
const tracingSchema = () =>
  z
    .looseObject({
      OTEL_SDK_DISABLED: z.string().optional(),
      OTEL_TRACES_EXPORTER: z.string().optional(),
      OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional(),
    })
    .transform((settings, context) => {
      if (!wantsTraces(settings)) return { isOn: false };
      const checked = whenOn.safeParse(settings);
      for (const { path, message } of checked.error?.issues ?? []) context.addIssue({ code: 'custom', path, message });
      return { isOn: true };
    });

type Wish = Partial<Record<'OTEL_SDK_DISABLED' | 'OTEL_TRACES_EXPORTER' | Endpoint, string | undefined>>;
type Endpoint = 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';

function wantsTraces(settings: Wish): boolean {
  const { OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporter } = settings;
  if (disabled?.toLowerCase() === 'true' || exporter === 'none') return false;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = settings;
  return exporter !== undefined || all !== undefined || traces !== undefined;
}

const whenOn = z.object({
  OTEL_TRACES_EXPORTER: z.literal('otlp', { error: 'otlp or none' }).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_TRACES_SAMPLER: z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).optional(),
});
