import { z } from 'zod';

/** A broker, its user and virtual host, as amqplib takes them. */
export type AmqpTarget = {
  protocol: 'amqp' | 'amqps';
  hostname: string;
  port: number;
  username: string;
  password: string;
  vhost: string;
};

const PORTS = { amqp: 5_672, amqps: 5_671 };

/** Of whoever publishes events to a broker. */
export const brokerSettings = {
  /** amqp://user:password@host:port/vhost, or amqps; without it nothing is published. */
  AMQP_URL: z.string().transform(readAmqpUrl).optional(),
  /** A durable topic exchange; it is made where there is none. */
  AMQP_EXCHANGE: z
    .string()
    .regex(/^(?!amq\.)[A-Za-z0-9._:-]{1,127}$/, 'expected letters, digits, dots, dashes, 127 at most, and not amq.…')
    .default('orders'),
  /** How an event is written. */
  AMQP_FORMAT: z.enum(['envelope', 'cloudevents']).default('envelope'),
  /** The position of the feed behind which it begins, the first time that it publishes to the exchange; without it: from now on. */
  AMQP_AFTER: z.coerce.number().int().min(0).optional(),
  /** Of each answer of the broker. */
  AMQP_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(10_000),
};
export type BrokerSettings = z.infer<z.ZodObject<typeof brokerSettings>>;

/** Never says what stands there: it has a password in it. */
function readAmqpUrl(text: string, context: z.RefinementCtx): AmqpTarget {
  const url = URL.canParse(text) ? new URL(text) : null;
  const problem = url ? problemOf(url) : 'expected amqp://user:password@host:port/vhost';
  if (!url || problem !== null) {
    context.addIssue({ code: 'custom', message: problem ?? 'expected a URL' });
    return z.NEVER;
  }
  const protocol = protocolOf(url) ?? 'amqp';
  return {
    protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? PORTS[protocol] : Number(url.port),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    // No path at all is the broker's default host, as other clients read it.
    vhost: url.pathname.length > 1 ? url.pathname.slice(1) : '%2F',
  };
}

const protocolOf = ({ protocol }: URL): AmqpTarget['protocol'] | null =>
  protocol === 'amqp:' ? 'amqp' : protocol === 'amqps:' ? 'amqps' : null;

function problemOf(url: URL): string | null {
  if (protocolOf(url) === null) return 'expected a URL that begins with amqp:// or amqps://';
  if (url.hostname === '') return 'expected a host';
  if (url.username === '' || url.password === '') return 'expected a user and a password';
  if (![url.username, url.password, url.pathname].every(isEncoded))
    return 'expected % in user, password and vhost only where it begins an encoded character';
  if (url.pathname.indexOf('/', 1) !== -1) return 'expected one vhost; a slash in it is written %2F';
  if (url.search !== '' || url.hash !== '') return 'expected nothing behind the vhost';
  return null;
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
