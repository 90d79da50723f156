// The holder of a card and the bank: they dispute a payment at the provider, and decide about it.
import type { Stack } from './stack.ts';

async function control(stack: Stack, path: string, body: object): Promise<string> {
  const answer = await fetch(`${stack.simulatorUrl}/_simulator/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** Disputes a payment; answers with the dispute's id. `opening`: {amount?, reason?, inquiry?}. */
export const disputePayment = (stack: Stack, paymentId: string, opening: object = {}): Promise<string> =>
  control(stack, `payment_intents/${paymentId}/dispute`, opening);

/** `decision`: {outcome, reinstated?}. */
export const decide = (stack: Stack, disputeId: string, decision: object): Promise<string> =>
  control(stack, `disputes/${disputeId}/decide`, decision);
