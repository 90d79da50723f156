import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks as the API tells its callers to: what is answered with 503 is asked again, under the same Idempotency-Key where it has one. A busy
 * machine may keep a workflow from answering within the two seconds that a request has. The last answer, when no other comes within
 * twenty seconds.
 */
export async function insist(ask: () => Promise<Response>): Promise<Response> {
  for (const end = Date.now() + 20_000; ; await sleep(200)) {
    const answer = await ask();
    if (answer.status !== 503 || Date.now() > end) return answer;
    await answer.body?.cancel();
  }
}
