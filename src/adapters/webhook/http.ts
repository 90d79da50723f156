// Messages to subscribers, by the Standard Webhooks scheme. What must stay true: nothing that a subscriber does (hangs, sends without an
// end, redirects, breaks off) costs more than its limit, and none of it throws.
import http from 'node:http';
import https from 'node:https';
import { Webhook } from 'standardwebhooks';
import type { WebhookAnswer, WebhookSender, WebhookTarget } from '../../ports/webhook.ts';
import { createGuardedLookup, refuseLiteral } from './addresses.ts';

const MAX_ANSWER_BYTES = 64 * 1_024;
const MAX_FAILURE_LENGTH = 200;
const IDLE_MS = 5_000;
const USER_AGENT = 'durable-orders-webhooks/1';

type Message = Parameters<WebhookSender['send']>[0];

/**
 * `loopback`: whether subscribers on this machine may be told, over plain http too. `timeoutMs`: of a message, all in all. `nameServers`:
 * instead of this machine's, as `address:port`.
 */
export function createWebhookSender(options: {
  timeoutMs: number;
  loopback: boolean;
  nameServers?: readonly string[];
}): WebhookSender & { close: () => void } {
  const { timeoutMs, loopback, nameServers } = options;
  const agents = { 'http:': new http.Agent(alive), 'https:': new https.Agent(alive) };
  const lookup = createGuardedLookup({ loopback, nameServers });

  async function send({ target, messageId, at, contentType, body }: Message): Promise<WebhookAnswer> {
    try {
      const url = new URL(target.url);
      refuseLiteral(url.hostname, { loopback });
      const isHttps = url.protocol === 'https:';
      const request = (isHttps ? https : http).request(url, {
        ...{
          method: 'POST',
          agent: agents[isHttps ? 'https:' : 'http:'],
          lookup,
          signal: AbortSignal.timeout(timeoutMs),
        },
        headers: {
          ...{ 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body), 'User-Agent': USER_AGENT },
          ...signatureHeaders(target, { messageId, body, at }),
        },
      });
      return await answerOf(request, body);
    } catch (error) {
      return { isDelivered: false, status: null, failure: describe(error), retryAfterMs: null };
    }
  }

  return {
    send,
    close: () => {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

const alive = { keepAlive: true, timeout: IDLE_MS, maxSockets: 64 };

/** One signature for each secret that is valid: whoever has either can check it. */
export function signatureHeaders(
  { secrets }: Pick<WebhookTarget, 'secrets'>,
  { messageId, body, at }: { messageId: string; body: string; at: Date },
): Record<string, string> {
  return {
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(messageId, at, body)).join(' '),
  };
}

const answerOf = (request: http.ClientRequest, body: string): Promise<WebhookAnswer> =>
  new Promise((resolve, reject) => {
    request.on('error', reject);
    // A subscriber that wants to speak otherwise gets nothing, and so do we: without these two nobody would ever be told that.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('answered 101: an upgrade is not followed'));
    });
    let isAnswered = false;
    request.on('close', () => {
      if (!isAnswered) reject(new Error('the connection ended without an answer'));
    });
    request.on('response', (response) => {
      isAnswered = true;
      const status = response.statusCode ?? 0;
      let bytes = 0;
      // What it says is read no further than to keep the connection, and never believed.
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) response.destroy();
      });
      response.on('error', reject);
      response.on('close', () => resolve(toAnswer(status, response.headers['retry-after'])));
    });
    request.end(body);
  });

function toAnswer(status: number, retryAfter: string | undefined): WebhookAnswer {
  if (status >= 200 && status < 300) return { isDelivered: true, status };
  const failure = status >= 300 && status < 400 ? 'redirects are not followed' : `answered ${status}`;
  return { isDelivered: false, status, failure, retryAfterMs: pauseOf(retryAfter) };
}

/** Seconds, or an instant. */
function pauseOf(retryAfter: string | undefined): number | null {
  if (retryAfter === undefined) return null;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

/** For an operator: never what was sent, or what it was signed with. */
function describe(error: unknown): string {
  const { name, message, code } = error as Error & { code?: string };
  const words =
    name === 'TimeoutError' || code === 'ABORT_ERR' ? 'no answer in time' : code ? `${code}: ${message}` : message;
  return words.slice(0, MAX_FAILURE_LENGTH);
}
