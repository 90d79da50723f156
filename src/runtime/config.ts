import { z } from 'zod';
import { bounds } from './bounds-settings.ts';
import { brokerSettings } from './broker-settings.ts';
import { captureDefault, captureSettings } from './capture-settings.ts';
import { chaosConflictOf, chaosSettings } from './chaos-settings.ts';
import { shippingFees, taxRates } from './config-pricing.ts';
import { isLoopback, isThisMachine } from './loopback.ts';
import { noticeConflictOf, noticeSettings } from './notice-settings.ts';
import { payloadConflictOf, payloadSettings, type PayloadSettings } from './payload-settings.ts';
import { retentionSettings } from './retention-settings.ts';
import { conflictOf, reviewRules } from './review-settings.ts';
import { webhookSending, webhookTarget } from './webhook-settings.ts';

// The only reader of the environment. Every process parses its settings once, at the start, hears of all mistakes at
// once, and refuses to run with a wrong one: a typo in a limit must not become a default silently.

const DAY_MS = 24 * 3_600_000;

const port = z.coerce.number().int().min(0).max(65_535);
const count = z.coerce.number().int().positive();
const milliseconds = z.coerce.number().int().positive();

const logging = {
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
};

const database = {
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'expected a URL that begins with postgres://'),
  // Enough for the accept path at its measured best on two cores; PostgreSQL's own default ceiling is 100 for all.
  DATABASE_POOL_SIZE: count.max(100).default(10),
};

const stripeApiBase = z.url().default('https://api.stripe.com');
const providerTimeout = milliseconds.max(10_000).default(8_000);
const withoutSlash = z.url().transform((url) => url.replace(/\/+$/, ''));
const temporalUiUrl = withoutSlash.default('http://127.0.0.1:8233');
/** For `npm run verify`: where the process kills itself. createCrashPoints refuses it off loopback and beside live keys. */
const crashing = {
  CRASH_POINTS: z.string().optional(),
  CRASH_SEED: z.coerce.number().int().default(1),
};

/** What an order costs beside its lines; frozen when it is placed. */
const pricing = {
  /** Flat fees for what is shipped, by currency and country. */
  PRICING_SHIPPING_FEES: shippingFees.default([]),
  /** Rates in percent, by country. */
  PRICING_TAX_RATES: taxRates.default([]),
  /** Whether prices and fees are with tax or without. */
  PRICING_TAX: z.enum(['included', 'on-top']).default('included'),
};
const versionName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'expected letters, digits, dots, dashes, 100 at most');

const apiSchema = z.object({
  ...logging,
  ...database,
  ...bounds,
  ...crashing,
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  /** Where others find the api: events name the address of their schema. */
  PUBLIC_URL: withoutSlash.default('http://127.0.0.1:3000'),
  /** Where Prometheus reads /metrics: never where customers are served. */
  METRICS_HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: port.default(9464),
  /** Paths are put behind it. */
  TEMPORAL_UI_URL: temporalUiUrl,
  ...pricing,
  ...captureDefault,
  ...webhookTarget,
  ...payloadSettings,
  ...chaosSettings,
  LAUNCH_BACKLOG_LIMIT: count.default(100_000),
  /** Without it: `off` on loopback, `keys` everywhere else. */
  AUTH: z.enum(['off', 'keys']).optional(),
  /** Requests of one key to one api process; 0 for no limit. */
  RATE_LIMIT_PER_SECOND: z.coerce.number().int().min(0).max(100_000).default(0),
  /** Open event streams of one key, and of all, to one api process. */
  STREAMS_PER_KEY: count.default(100),
  STREAMS_LIMIT: count.default(2_000),
  /** Half of the 2 s in which a client is to have its answer, whatever is away. */
  EVENT_LOOP_LAG_LIMIT_MS: milliseconds.default(1_000),
  /** Signs the provider's webhooks; without it none is taken. */
  STRIPE_WEBHOOK_SECRET: z.string().min(1).optional(),
  /** Only to hand a client secret to a customer who has to authenticate; a restricted key that may read payments is enough. */
  STRIPE_API_KEY: z.string().min(1).optional(),
  STRIPE_API_BASE: stripeApiBase,
  /** Signs the carrier's webhooks; without it none is taken. */
  CARRIER_WEBHOOK_SECRET: z.string().min(1).optional(),
});

const workerSchema = z.object({
  ...logging,
  ...database,
  ...crashing,
  WORKER_HEALTH_HOST: z.string().default('127.0.0.1'),
  WORKER_HEALTH_PORT: port.default(9091),
  /** Stripe's default ceiling is 25 requests a second for an endpoint. */
  PAYMENTS_PER_SECOND: z.coerce.number().positive().default(25),
  STRIPE_API_KEY: z.string().min(1),
  STRIPE_API_BASE: stripeApiBase,
  PROVIDER_TIMEOUT_MS: providerTimeout,
  /** Without it nothing can be shipped: what is packed parks. */
  CARRIER_API_BASE: z.url().optional(),
  CARRIER_API_KEY: z.string().min(1).default('none'),
  CARRIER_TIMEOUT_MS: providerTimeout,
  CARRIER_REQUESTS_PER_SECOND: z.coerce.number().positive().default(10),
  /** So many in a row are no accident, and few enough that the provider is spared the rest. */
  PROVIDER_BREAKER_FAILURES: count.default(5),
  /** How often the books are compared with the provider's and with Temporal's; 0: only when somebody asks for it. */
  RECONCILE_EVERY_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(7 * 24 * 3_600_000)
    .default(3_600_000),
  /** What is younger may be under way, and is not compared: above every pause between two tries of a step. */
  RECONCILE_GRACE_MS: milliseconds.max(24 * 3_600_000).default(10 * 60_000),
  /** A cached workflow costs about half a megabyte; without a cap a busy worker grows until it is killed. */
  MAX_CACHED_WORKFLOWS: count.default(300),
  ...reviewRules,
  ...captureSettings,
  ...webhookTarget,
  ...webhookSending,
  ...retentionSettings,
  ...brokerSettings,
  ...noticeSettings,
  ...payloadSettings,
  /** Where the api is found: schemas that a CloudEvent names. */
  PUBLIC_URL: withoutSlash.default('http://127.0.0.1:3000'),
  /** A bundle built beforehand (see the Dockerfile); without it the worker builds one when it starts. */
  WORKFLOW_BUNDLE_PATH: z.string().optional(),
  /** Both or none: without them any worker takes any task (docs/changing-workflows.md). Temporal puts the two together with a colon. */
  WORKER_DEPLOYMENT_NAME: versionName.optional(),
  WORKER_BUILD_ID: versionName.optional(),
});

const migrateSchema = z.object({ ...logging, DATABASE_URL: database.DATABASE_URL });
const keysSchema = z.object({ DATABASE_URL: database.DATABASE_URL });
const recoverSchema = z.object({
  DATABASE_URL: database.DATABASE_URL,
  /** One that may read payments, refunds and disputes is enough. */
  STRIPE_API_KEY: z.string().min(1),
  STRIPE_API_BASE: stripeApiBase,
  PROVIDER_TIMEOUT_MS: providerTimeout,
  TEMPORAL_UI_URL: temporalUiUrl,
  ...payloadSettings,
});
const replaySchema = z.object({ ...payloadSettings });

const simulatorSchema = z.object({
  ...logging,
  /** Fault injection must never be reachable from elsewhere. */
  SIMULATOR_HOST: z.string().refine(isLoopback, 'must be a loopback address').default('127.0.0.1'),
  SIMULATOR_PORT: port.default(12_111),
  SIMULATOR_DATA_DIR: z.string().default('.local/simulator'),
});

const carrierSimulatorSchema = z.object({
  ...logging,
  SIMULATOR_HOST: simulatorSchema.shape.SIMULATOR_HOST,
  CARRIER_SIMULATOR_PORT: port.default(12_112),
  CARRIER_SIMULATOR_DATA_DIR: z.string().default('.local/carrier'),
  /** After so long each a parcel moves one step along by itself; 0: only when it is told to. */
  CARRIER_SIMULATOR_PACE_MS: z.coerce.number().int().min(0).max(DAY_MS).default(0),
});

export type ApiConfig = z.infer<typeof apiSchema> & { AUTH: 'off' | 'keys' };
export type WorkerConfig = z.infer<typeof workerSchema> & {
  /** Of this worker, among those of its deployment; null where workers have none. */
  version: { deploymentName: string; buildId: string } | null;
};
export type SimulatorConfig = z.infer<typeof simulatorSchema>;
export type CarrierSimulatorConfig = z.infer<typeof carrierSimulatorSchema>;
export type MigrateConfig = z.infer<typeof migrateSchema>;
export type RecoverConfig = z.infer<typeof recoverSchema>;
export type KeysConfig = z.infer<typeof keysSchema>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of the api process. Throws ConfigurationError with every problem found. */
export function loadApiConfig(env: Environment = process.env): ApiConfig {
  const config = parse(apiSchema, env);
  refuseConflicts(conflictOf(config), payloadConflictOf(config), chaosConflictOf(config));
  const isPrivate = isLoopback(config.HOST);
  const { AUTH = isPrivate ? 'off' : 'keys' } = config;
  if (AUTH === 'off' && !isPrivate) {
    throw new ConfigurationError([
      'AUTH: off is for one machine only, and HOST is reachable from others; leave AUTH out (or say keys) and make a key ' +
        'with `npm run keys`, or listen on 127.0.0.1',
    ]);
  }
  return { ...config, AUTH };
}

/** Settings of the worker process. Throws ConfigurationError with every problem found. */
export function loadWorkerConfig(env: Environment = process.env): WorkerConfig {
  const config = parse(workerSchema, env);
  refuseConflicts(payloadConflictOf(config), noticeConflictOf(config));
  if (isLiveKey(config.STRIPE_API_KEY) && isThisMachine(new URL(config.STRIPE_API_BASE).hostname)) {
    throw new ConfigurationError(['STRIPE_API_KEY: a live key must not be sent to a simulator; use a test key']);
  }
  const { WORKER_DEPLOYMENT_NAME: deploymentName, WORKER_BUILD_ID: buildId } = config;
  if ((deploymentName === undefined) !== (buildId === undefined)) {
    throw new ConfigurationError([
      'WORKER_DEPLOYMENT_NAME, WORKER_BUILD_ID: a version has both; set the other one, or none',
    ]);
  }
  return { ...config, version: deploymentName && buildId ? { deploymentName, buildId } : null };
}

/** Settings of the payment simulator. Throws ConfigurationError with every problem found. */
export function loadSimulatorConfig(env: Environment = process.env): SimulatorConfig {
  const config = parse(simulatorSchema, env);
  if (isLiveKey(env['STRIPE_API_KEY'] ?? '')) {
    throw new ConfigurationError(['STRIPE_API_KEY: faults are not injected beside a live key; unset it']);
  }
  return config;
}

/** Settings of the carrier simulator. Throws ConfigurationError with every problem found. */
export const loadCarrierSimulatorConfig = (env: Environment = process.env): CarrierSimulatorConfig =>
  parse(carrierSimulatorSchema, env);

/** Settings of the migration command. Throws ConfigurationError with every problem found. */
export const loadMigrateConfig = (env: Environment = process.env): MigrateConfig => parse(migrateSchema, env);

/** Settings of the command that recovers a restored database. Throws ConfigurationError with every problem found. */
export function loadRecoverConfig(env: Environment = process.env): RecoverConfig {
  const config = parse(recoverSchema, env);
  refuseConflicts(payloadConflictOf(config));
  return config;
}

/** How the command that replays reads what is encrypted. Throws ConfigurationError with every problem found. */
export const loadReplayConfig = (env: Environment = process.env): PayloadSettings => parse(replaySchema, env);

/** Settings of the command that makes keys. Throws ConfigurationError with every problem found. */
export const loadKeysConfig = (env: Environment = process.env): KeysConfig => parse(keysSchema, env);

/**
 * What `npm run verify` hands on to the processes it starts: the environment without what names servers of one's own, so
 * that faults strike only what the run itself has started.
 */
export function loadVerifyEnvironment(env: Environment = process.env): Environment {
  const settings = [apiSchema, workerSchema, simulatorSchema, carrierSimulatorSchema].flatMap((schema) =>
    Object.keys(schema.shape),
  );
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !settings.includes(name) && !/^(TEMPORAL_|PG|OTEL_|NODE_OPTIONS)/.test(name),
    ),
  );
}

/** A setting is missing or wrong. `message` names every one of them, never a value: values may be secrets. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration is not usable (see .env.example):\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

function refuseConflicts(...conflicts: (string | null)[]): void {
  const problems = conflicts.filter((conflict) => conflict !== null);
  if (problems.length > 0) throw new ConfigurationError(problems);
}

/** Secret and restricted keys of Stripe that move real money. */
const isLiveKey = (key: string): boolean => key.includes('_live_');

/** What the environment says of these settings. Throws ConfigurationError with every problem found. */
export function parse<T>(schema: z.ZodType<T>, env: Environment = process.env): T {
  // An empty variable is what `docker compose` passes for one that is not set.
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  throw new ConfigurationError(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}
