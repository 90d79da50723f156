// Plays scenes one after the other, tells them, and says how each ended. What must stay true: what was broken is mended at the end,
// however it ends; a scene that could not be played to its end has not passed.
import { setTimeout as sleep } from 'node:timers/promises';
import { UnreachableError } from '#client';
import { Exit } from '../exit-codes.ts';
import { explainFailure } from '../failures.ts';
import { table } from '../output.ts';
import type { Session } from '../session.ts';
import { check, type Check } from './facts.ts';
import type { Scene } from './scene.ts';
import { createStage, type Stage } from './stage.ts';
import { checkLines, headLines, stepLines } from './telling.ts';
import type { Playground } from './where.ts';

/** To read what will be shown, and what came of it. */
const BEFORE_MS = 5_000;
const AFTER_MS = 4_000;

export type Played = {
  scene: string;
  state: 'passed' | 'failed' | 'left out';
  seconds: number;
  orders: readonly string[];
  checks: readonly Check[];
};
type Direction = { run: string; isFast: boolean; playground: Playground };

/** Plays them all, also when one fails; ends 1 when any did. */
export async function playDemo(session: Session, scenes: readonly Scene[], direction: Direction): Promise<Exit> {
  const { io, form, target } = session;
  // The story is the result for people; for a machine it goes beside it.
  const line = (text: string): void => (form === 'table' ? io.out(`${text}\n`) : io.say(text));
  let begun = io.now();
  const tell = (what: string): void =>
    stepLines(session.paint, (io.now() - begun) / 1_000, what).forEach((one) => line(one));
  const stage = createStage(session, { run: direction.run, ...direction.playground, tell });
  const played: Played[] = [];
  line(`Against the stack at ${target.url}.`);
  line(`What is named demo-${direction.run}-… belongs to this run; nothing else is touched.`);
  try {
    for (const [index, scene] of scenes.entries()) {
      headLines(session.paint, { ...scene, at: index + 1, of: scenes.length }).forEach(line);
      if (!direction.isFast) await sleep(BEFORE_MS, undefined, { signal: io.signal });
      begun = io.now();
      const before = stage.placed().length;
      const outcome = await perform(scene, stage, direction.playground, io.signal);
      const seconds = Math.round((io.now() - begun) / 100) / 10;
      const one = { scene: scene.name, ...outcome, seconds, orders: stage.placed().slice(before) };
      played.push(one);
      if (form === 'jsonl') io.out(`${JSON.stringify(one)}\n`);
      if (one.checks.length > 0) line('');
      one.checks.flatMap((found) => checkLines(session.paint, found)).forEach(line);
      if (!direction.isFast) await sleep(AFTER_MS, undefined, { signal: io.signal });
    }
  } finally {
    if (!(await stage.tidy())) io.say('A fault may still strike orders of this run: the simulator did not answer.');
  }
  return sumUp(session, played, line);
}

async function perform(
  scene: Scene,
  stage: Stage,
  { processes }: Playground,
  signal: AbortSignal,
): Promise<Pick<Played, 'state' | 'checks'>> {
  if (scene.needs === 'processes' && processes === null) {
    stage.tell(
      'Left out: nothing may be broken on purpose in this stack. Its npm start is of an older version, or wants keys.',
    );
    return { state: 'left out', checks: [] };
  }
  try {
    const checks = await scene.perform(stage);
    return { state: checks.every(({ ok }) => ok) ? 'passed' : 'failed', checks };
  } catch (error) {
    if (signal.aborted || error instanceof UnreachableError) throw error;
    const why = explainFailure(error).lines.join(' ');
    return { state: 'failed', checks: [check('scene', 'played to its end', why)] };
  }
}

function sumUp(session: Session, played: readonly Played[], line: (text: string) => void): Exit {
  const { io, form, paint, target } = session;
  const count = (state: Played['state']): number => played.filter((one) => one.state === state).length;
  const checks = played.flatMap((one) => one.checks);
  const wrong = checks.filter(({ ok }) => !ok).length;
  const rows = table(played, [
    ['SCENE', ({ scene }) => scene],
    ['', ({ state }) => state],
    ['CHECKS', (one) => `${one.checks.filter(({ ok }) => ok).length} of ${one.checks.length}`],
    ['ORDERS', ({ orders }) => orders.length],
    ['SECONDS', ({ seconds }) => seconds.toFixed(1)],
  ]);
  const [head = '', ...others] = rows;
  line('');
  line(`     ${paint.bold(head)}`);
  for (const [index, row] of others.entries()) {
    const color = { passed: paint.good, failed: paint.bad, 'left out': paint.quiet }[played[index]?.state ?? 'failed'];
    line(`     ${color(row)}`);
  }
  line('');
  const left = count('left out');
  line(
    wrong === 0
      ? `${paint.good('All is as it should be.')} ${checks.length} checks in ${countOf(played.length - left)}${left > 0 ? `, ${left} left out` : ''}.`
      : `${paint.bad(`${wrong} of ${checks.length} checks failed.`)} Look closer: orders explain ORDER, and the Web UI.`,
  );
  line(`All of its orders: ${target.url}/console/orders`);
  if (form === 'json')
    io.out(`${JSON.stringify({ url: target.url, passed: count('failed') === 0, scenes: played })}\n`);
  return count('failed') === 0 ? Exit.ok : Exit.failed;
}

const countOf = (scenes: number): string => (scenes === 1 ? '1 scene' : `${scenes} scenes`);
