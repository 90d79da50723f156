// The module of a team, loaded and looked at before anything is asked of it.
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** The module can not be used; the message is what its author reads. */
export class Unusable extends Error {}

const callable = z.custom<(...given: never[]) => unknown>(
  (value) => typeof value === 'function',
  'expected a function',
);
const common = {
  name: z.string().min(1),
  create: callable,
  upstream: z.url({ protocol: /^https?$/ }).optional(),
  timeoutMs: z.number().int().min(50).max(60_000).optional(),
  requestsPerCall: z.number().int().min(1).max(5).optional(),
  secrets: z.array(z.string().min(8)).optional(),
  close: callable.optional(),
};
const method = z.string().min(1);

export const shapes = {
  payment: z.strictObject({
    ...common,
    methods: z.strictObject({
      succeeds: method,
      declines: z.strictObject({ method, declineCode: z.string().min(1) }).optional(),
      needsCustomer: method.optional(),
      processes: method.optional(),
      refundPending: method.optional(),
      refundFails: method.optional(),
      disputes: method.optional(),
    }),
    currencies: z
      .array(z.string().regex(/^[A-Z]{3}$/))
      .min(1)
      .optional(),
    captures: z.enum(['once', 'several']).optional(),
    savesMethods: z.boolean().optional(),
    shownAmount: callable.optional(),
    storeFailure: callable.optional(),
  }),
  carrier: z.strictObject({
    ...common,
    recipient: z.record(z.string(), z.string()).optional(),
    items: z
      .array(z.strictObject({ sku: z.string(), quantity: z.number().int().min(1) }))
      .min(1)
      .optional(),
    advance: callable.optional(),
  }),
  pricing: z.strictObject({
    name: z.string().min(1),
    create: callable,
    currencies: z
      .array(z.string().regex(/^[A-Z]{3}$/))
      .min(1)
      .optional(),
    countries: z
      .array(z.string().regex(/^[A-Z]{2}$/))
      .min(1)
      .optional(),
    close: callable.optional(),
  }),
};

/** What the default export of the module gives. Throws Unusable. */
export async function loadModule(path: string, shape: z.ZodType): Promise<unknown> {
  const file = resolve(path);
  await access(file).catch(() => {
    throw new Unusable(`There is no file ${file}`);
  });
  if (/\.(cts|cjs)$/.test(file)) throw new Unusable(`${file}: expected an ES module (.ts, .mts, .js or .mjs)`);
  const loaded = await attempt(`${file} can not be loaded`, () => import(pathToFileURL(file).href));
  const { default: make } = loaded as { default?: unknown };
  if (typeof make !== 'function') throw new Unusable(`${file}: expected its default export to be a function`);
  const given: unknown = await attempt(`The default export of ${file} failed`, () => (make as () => unknown)());
  const result = shape.safeParse(given);
  if (!result.success) throw new Unusable(`What ${file} gives can not be used:\n${z.prettifyError(result.error)}`);
  return given;
}

async function attempt(what: string, work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    throw new Unusable(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
