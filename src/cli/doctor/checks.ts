// What `orders doctor` looks at from where it is run: who answers at the address, the key, the clock, the disk. Each look is bounded.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isLoopback } from '../../runtime/loopback.ts';
import type { Io } from '../io.ts';
import type { Target } from '../session.ts';
import { findingsOf, type Finding, type Parts } from './advice.ts';

const PATIENCE_MS = 5_000;
/** An HTTP date has whole seconds, and its way takes a moment; signatures of webhooks count five minutes. */
const MAX_CLOCK_SKEW_MS = 10_000;
/** The database of a developer's machine and its log for a day. */
const MIN_FREE_BYTES = 512 * 1_024 * 1_024;

type Look = { io: Io; target: Target };

/** Everything, in the order in which it is best mended. */
export async function examine(look: Look): Promise<Finding[]> {
  const disk = await checkDisk(look);
  const { finding, answered } = await checkAddress(look);
  if (!answered) return [finding, ...disk];
  const [key, parts] = await Promise.all([checkKey(look), readParts(look)]);
  return [finding, checkClock(look, answered), key, ...parts, ...disk];
}

type Answered = { date: string | null; sentAt: number; cameAt: number };

async function checkAddress({ io, target }: Look): Promise<{ finding: Finding; answered: Answered | null }> {
  const wrong = (found: string, help: string) => ({
    finding: { check: 'address', state: 'wrong' as const, found, help },
    answered: null,
  });
  const sentAt = io.now();
  const answer = await ask({ io, target }, '/healthz').catch((error: unknown) => codeOf(error));
  if (typeof answer === 'string') {
    if (nobody.includes(answer))
      return wrong(`Nothing answers at ${target.url} (${answer}), which comes from ${target.from}`, nobodyHelp);
    return wrong(
      `Something listens at ${target.url}, and does not answer like this api (${answer})`,
      takenHelp(target),
    );
  }
  const cameAt = io.now();
  const body: unknown = await answer.json().catch(() => null);
  const isOurs = typeof body === 'object' && body !== null && 'status' in body && body.status === 'ok';
  if (!answer.ok || !isOurs)
    return wrong(`Another program answers at ${target.url} (${answer.status}): the port is taken`, takenHelp(target));
  const found = `the api answers at ${target.url} (from ${target.from})`;
  return {
    finding: { check: 'address', state: 'ok', found, help: null },
    answered: { date: answer.headers.get('Date'), sentAt, cameAt },
  };
}

const nobody = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];
const nobodyHelp = 'Start it (npm start), or give its address: --url, ORDERS_API_URL, or orders setup.';
const takenHelp = ({ url }: Target): string =>
  `Find out who has the port (lsof -i :${new URL(url).port || '80'}) and stop it, or start the api with another PORT and give its address with --url.`;

const ask = ({ io, target }: Look, path: string): Promise<Response> =>
  fetch(`${target.url}${path}`, {
    headers: target.key === undefined ? {} : { Authorization: `Bearer ${target.key}` },
    signal: AbortSignal.any([io.signal, AbortSignal.timeout(PATIENCE_MS)]),
  });

function codeOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: string; message?: string }; name?: string };
  return cause?.code ?? cause?.message ?? name ?? String(error);
}

function checkClock(_look: Look, { date, sentAt, cameAt }: Answered): Finding {
  const there = Date.parse(date ?? '');
  if (Number.isNaN(there)) return { check: 'clock', state: 'not asked', found: 'the answer has no date', help: null };
  // The middle of the second that the date says, against the middle of the way.
  const skewMs = (sentAt + cameAt) / 2 - (there + 500);
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) <= MAX_CLOCK_SKEW_MS)
    return { check: 'clock', state: 'ok', found: 'this machine and the api agree', help: null };
  return {
    check: 'clock',
    state: 'wrong',
    found: `The clock of this machine is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the api's`,
    help: 'Set the clock that is off (timedatectl set-ntp true): signatures of webhooks are refused after five minutes.',
  };
}

async function checkKey(look: Look): Promise<Finding> {
  const { target } = look;
  const answer = await ask(look, '/orders?limit=1').catch((error: unknown) => codeOf(error));
  if (typeof answer === 'string')
    return { check: 'key', state: 'not asked', found: `no answer (${answer})`, help: null };
  const made = 'orders keys create makes one; orders setup, ORDERS_API_KEY or --api-key-file give it';
  if (answer.status === 401)
    return {
      check: 'key',
      state: 'wrong',
      found: target.key === undefined ? 'The api wants a key, and there is none' : 'The key is wrong, or revoked',
      help: `${made}.`,
    };
  if (answer.status === 403)
    return { check: 'key', state: 'wrong', found: 'The key may not read orders (scope orders:read)', help: `${made}.` };
  if (!answer.ok) return { check: 'key', state: 'not asked', found: `the api answers ${answer.status}`, help: null };
  const found = target.key === undefined ? 'none is needed here' : 'it is taken';
  return { check: 'key', state: 'ok', found, help: null };
}

async function readParts(look: Look): Promise<Finding[]> {
  try {
    const { parts } = (await (await ask(look, '/health')).json()) as { parts: Parts };
    return findingsOf(parts);
  } catch (error) {
    return [
      {
        check: 'health',
        state: 'wrong',
        found: `GET /health does not answer (${codeOf(error)})`,
        help: 'Look at the log of the api.',
      },
    ];
  }
}

/** Of the stack on this machine: elsewhere it is not ours to see. */
async function checkDisk({ io, target }: Look): Promise<Finding[]> {
  const folder = join(io.home, '.local');
  if (!isLoopback(new URL(target.url).hostname) || !existsSync(folder)) return [];
  const free = await io.freeBytes(folder);
  const size = `${Math.round(free / 1_024 / 1_024)} MB free at ${folder}`;
  if (free >= MIN_FREE_BYTES) return [{ check: 'disk', state: 'ok', found: size, help: null }];
  const help = 'Make room: without it PostgreSQL and Temporal stop, and the api refuses what changes anything.';
  return [{ check: 'disk', state: 'wrong', found: `The disk is full, or nearly: ${size}`, help }];
}
