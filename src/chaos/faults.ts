// The simulator's faults, in its own words: asked of it for whoever may not ask it himself.
import { Refusal } from './door.ts';

const LIMIT_MS = 1_500;
const LOOK_MS = 700;

export type Passed = { status: number; body: unknown };

/** What is armed now; null while the simulator can not be asked. */
export async function fetchFaults(simulatorUrl: string): Promise<object[] | null> {
  const answer = await ask(simulatorUrl, '', { signal: AbortSignal.timeout(LOOK_MS) });
  const body = (await answer?.json().catch(() => null)) as { items: object[] } | null | undefined;
  return body?.items ?? null;
}

/** Hands a request on; throws a Refusal where nobody answers, or the simulator does not take it. */
export async function passOn(simulatorUrl: string, path: string, method: string, body?: unknown): Promise<Passed> {
  const answer = await ask(simulatorUrl, path, {
    method,
    signal: AbortSignal.timeout(LIMIT_MS),
    ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!answer) throw new Refusal(503, 'The simulator does not answer', 'It was killed, or is being started again');
  const text = await answer.text();
  const said = text === '' ? null : (JSON.parse(text) as { error?: string });
  if (!answer.ok) throw new Refusal(answer.status, 'The simulator refuses it', said?.error ?? 'It does not say why');
  return { status: answer.status, body: said };
}

const ask = (simulatorUrl: string, path: string, init: RequestInit): Promise<Response | null> =>
  fetch(`${simulatorUrl}/_simulator/faults${path}`, init).catch(() => null);
