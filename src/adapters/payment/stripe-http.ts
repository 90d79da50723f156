// How the Stripe client speaks HTTP. What must stay true: one request for a call, which ends when its time is over.
import Stripe from 'stripe';

/**
 * Even with no retries allowed, the client sends a request again when its connection was closed: it asks the error for
 * ECONNRESET or EPIPE. Hidden as the cause, they are left to Temporal like every other lost answer.
 */
export function createSingleAttemptHttpClient(): ReturnType<typeof Stripe.createNodeHttpClient> {
  const client = Stripe.createNodeHttpClient();
  const makeRequest = client.makeRequest.bind(client);
  client.makeRequest = async (...request: Parameters<typeof makeRequest>) => {
    const endsAt = performance.now() + request[TIMEOUT];
    try {
      const answer = await makeRequest(...request);
      endInTime(answer.getRawResponse(), endsAt);
      return answer;
    } catch (error) {
      if (isTimeout(error)) throw error;
      throw new Error('The connection to the provider broke; whether it did what it was asked is not known', {
        cause: error,
      });
    }
  };
  return client;
}

/** The place of the time limit among the arguments of `makeRequest`. */
const TIMEOUT = 7;

// The client knows its own timeouts by their code.
const isTimeout = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ETIMEDOUT';

/** The client's limit is for a connection that is silent: an answer that comes byte by byte would never end. */
function endInTime(answer: unknown, endsAt: number): void {
  if (!isStream(answer)) throw new Error('Expected the answer of the Stripe client to be a stream');
  const leftMs = Math.max(endsAt - performance.now(), 0);
  const timer = setTimeout(() => answer.destroy(new Error('The answer was not complete in time')), leftMs);
  answer.once('close', () => clearTimeout(timer));
}

type Stream = { destroy: (error: Error) => void; once: (event: 'close', listener: () => void) => void };

const isStream = (answer: unknown): answer is Stream =>
  typeof answer === 'object' && answer !== null && 'destroy' in answer && 'once' in answer;
