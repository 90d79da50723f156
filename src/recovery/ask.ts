import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderAnswer } from '../ports/payment.ts';

const TRIES = 5;
const PAUSE_MS = 1_000;

/** A question to the provider, a few times: nothing is decided by its silence, and the recovery can be run again. */
export async function ask<T>(what: string, call: () => Promise<ProviderAnswer<T>>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await call();
      if ('done' in answer) return answer.done;
      throw new Error(`The provider refuses to ${what}: ${JSON.stringify(answer)}`);
    } catch (error) {
      if (attempt === TRIES) throw error;
      await sleep(PAUSE_MS * attempt);
    }
  }
}
