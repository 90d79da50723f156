// Random sequences of everything that can happen to an order, against a small reference. What a failure prints is the shortest sequence
// that still fails, line by line, and the seed and path that bring it back.
import { afterAll, beforeAll, test } from '@jest/globals';
import fc from 'fast-check';
import { done, runSequence, sequences } from './sequence.ts';
import { startWorld, type World } from './world.ts';

// A red run of the suite is to be about the change: it always tries the same. `npm run test:model` tries others.
const SEQUENCES = Number(process.env['MODEL_SEQUENCES'] ?? 40);
const SEED = Number(process.env['MODEL_SEED'] ?? 20_261_126);
const PATH = process.env['MODEL_PATH'];
const REPLAY_PATH = process.env['MODEL_REPLAY'];
// What a world keeps is looked through after every sequence.
const SEQUENCES_OF_A_WORLD = 100;

let world: World;
let sequencesRun = 0;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  const counts = [...done].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, count]) => `${name} ${count}`);
  if (process.env['MODEL_SEQUENCES']) process.stdout.write(`${sequencesRun} sequences: ${counts.join('; ')}\n`);
  await world.close();
});

test(
  `${SEQUENCES} random sequences go as the reference says`,
  async () => {
    const property = fc.asyncProperty(sequences(REPLAY_PATH), async ([stock, first, steps]) => {
      sequencesRun += 1;
      if (sequencesRun % SEQUENCES_OF_A_WORLD === 0) await renewWorld();
      try {
        await runSequence(world, stock, [first, ...steps]);
      } catch (error) {
        // What it left must not fail the next one, which may be this one with a step less.
        await renewWorld();
        throw error;
      }
    });
    await fc.assert(property, {
      ...{ numRuns: SEQUENCES, seed: SEED },
      ...(PATH === undefined ? {} : { path: PATH }),
    });
  },
  SEQUENCES * 5_000 + 600_000,
);

async function renewWorld(): Promise<void> {
  await world.close();
  world = await startWorld();
}
