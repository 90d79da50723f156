import {
  check,
  checkEvents,
  checkPaid,
  checkShelf,
  checkStatus,
  less,
  type Check,
  type OrderFacts,
  type Shelf,
} from '../facts.ts';
import { scene } from '../scene.ts';
import type { Stage } from '../stage.ts';
import { askedText } from './answer-lost.ts';
import { placeStruck } from './struck.ts';

/** The provider takes so long to charge: long enough to be killed meanwhile, shorter than its time limit. */
const SLOW_MS = 2_500;
const BACK_MS = 60_000;
const TELL_EVERY_MS = 4_000;

type Facts = {
  order: OrderFacts;
  killed: { pid: number; at: number };
  follower: { pid: number; at: number } | null;
  before: Shelf;
  after: Shelf;
};

export const workerKilled = scene<Facts>({
  name: 'worker-killed',
  headline: 'The worker dies in the midst of a charge',
  promise:
    'kill -9 while the provider is charging the card: the money moves, and nobody is there to hear of it. The next worker goes on where ' +
    'this one stood, and asks the provider first. (A dead worker is noticed after 10 s without its heartbeat.)',
  needs: 'processes',
  play,
  checks: checkWorkerKilled,
});

async function play(stage: Stage): Promise<Facts> {
  const processes = stage.processes();
  const sku = await stage.beans();
  const { id, before } = await placeStruck(stage, sku, {
    customer: 'emil',
    fault: { operation: 'confirm', mode: 'delay', times: 1, delayMs: SLOW_MS },
    says: `its charge takes the provider ${SLOW_MS / 1_000} s`,
  });
  const pid = await processes.kill('worker');
  const killed = { pid, at: stage.now() };
  stage.tell(`the charge is under way: kill -9 ${pid}, the worker`);
  const next = await processes.replaced('worker', pid, BACK_MS);
  const follower = next === null ? null : { pid: next, at: stage.now() };
  stage.tell(`npm start has started another: ${next ?? 'none'}`);
  const meanwhile = async (): Promise<string> => `${(await stage.order(id)).status}, until the lost try is noticed`;
  await stage.until(id, ({ status }) => status === 'confirmed', {
    withinMs: BACK_MS,
    everyMs: TELL_EVERY_MS,
    meanwhile,
  });
  stage.tell('the next worker has asked the provider: confirmed');
  return { order: await stage.facts(id), killed, follower, before, after: await stage.shelf(sku) };
}

export function checkWorkerKilled({ order, killed, follower, before, after }: Facts): Check[] {
  const isReplaced = follower !== null && follower.pid !== killed.pid;
  const captured = Date.parse(order.journal.find(({ effect }) => effect === 'captured')?.at ?? '');
  const isUnheard = captured >= killed.at;
  return [
    check('worker', 'killed, and another is there', isReplaced ? 'killed, and another is there' : 'not replaced'),
    check('money moved', 'after its worker was dead', isUnheard ? 'after its worker was dead' : 'before'),
    ...checkStatus(order, 'confirmed'),
    checkEvents(order, 'order.placed', 'inventory.reserved', 'payment.captured', 'order.confirmed'),
    ...checkPaid(order),
    check('asked again', 'retrieved, confirmed 1 time', askedText(order)),
    checkShelf(less(before, 1), after),
  ];
}
