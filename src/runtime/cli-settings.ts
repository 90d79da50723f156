import { z } from 'zod';
import { parse } from './config.ts';

const withoutSlash = z.url().transform((url) => url.replace(/\/+$/, ''));

const cliSchema = z.object({
  /** Where the api is found. */
  ORDERS_API_URL: withoutSlash.optional(),
  ORDERS_API_KEY: z.string().min(1).optional(),
  ORDERS_PROFILE: z.string().min(1).optional(),
  /** Where profiles are kept, by the XDG base directory specification. */
  XDG_CONFIG_HOME: z.string().startsWith('/').optional(),
  HOME: z.string().optional(),
  /** Any value: no colours (https://no-color.org). */
  NO_COLOR: z.string().optional(),
});

export type CliConfig = z.infer<typeof cliSchema>;

/** Settings of the command line. Throws ConfigurationError with every problem found. */
export const loadCliConfig = (env?: Readonly<Record<string, string | undefined>>): CliConfig => parse(cliSchema, env);
