// Calls of the payment provider as monitoring sees them: each by what it came to.
import { ApplicationFailure } from '@temporalio/common';
import { FailureName } from '../../contracts/failures.ts';
import type { PaymentProvider } from '../../ports/payment.ts';
import type { Call, CallKinds } from '../../runtime/call-metrics.ts';

const outcomes = {
  done: 'answered',
  rejection: 'a no',
  refused: 'it will never do so',
  stuck: 'its key answers with an error for ever',
  unknown: 'it is ill',
  failed: 'our key is refused, for example',
  patience: 'it asks for it',
  'not-called': 'the circuit is open',
} as const;

export type CallOutcome = keyof typeof outcomes;

const answers = ['rejection', 'refused', 'stuck'] as const satisfies readonly CallOutcome[];

const CLIENT_SECRET = 'ask for a client secret';

export const providerCalls = (provider: string, operations: readonly string[] = [CLIENT_SECRET]): CallKinds => ({
  name: 'payment_provider',
  labels: { provider },
  operations,
  outcomes,
});

/** Makes the call, and tells what it came to. */
export async function timed<T>(
  operation: string,
  call: () => Promise<T>,
  { isIll, onCall }: { isIll: (error: unknown) => boolean; onCall: (call: Call) => void },
): Promise<T> {
  const begun = performance.now();
  const told = (outcome: CallOutcome): void =>
    onCall({ operation, outcome, seconds: (performance.now() - begun) / 1_000 });
  try {
    const answer = await call();
    told(kindOf(answer));
    return answer;
  } catch (error) {
    told(isIll(error) ? 'unknown' : isNotNow(error) ? 'patience' : 'failed');
    throw error;
  }
}

/** What an api asks of the provider itself, told as well. */
export const countClientSecrets = (
  { findClientSecret }: Pick<PaymentProvider, 'findClientSecret'>,
  heard: { isIll: (error: unknown) => boolean; onCall: (call: Call) => void },
): Pick<PaymentProvider, 'findClientSecret'> => ({
  findClientSecret: (request) => timed(CLIENT_SECRET, () => findClientSecret(request), heard),
});

/** Which of the four kinds of answers of the port it is. */
const kindOf = (answer: unknown): CallOutcome =>
  answers.find((kind) => typeof answer === 'object' && answer !== null && kind in answer) ?? 'done';

const isNotNow = (error: unknown): boolean => error instanceof ApplicationFailure && error.type === FailureName.notNow;
