// `npm run test:model -- [--sequences 2000] [--seed N] [--path P --replay R]`: random sequences of everything that can happen to an order,
// against the reference of test/model. Without a seed another one each time; a failure prints seed, path and replayPath, which bring
// exactly the shrunk sequence back.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runTests } from './test.mjs';

const BEGINNING_MS = 10 * 60_000;
const MOST_MS_OF_A_SEQUENCE = 5_000;

const { values } = parseArgs({
  options: {
    sequences: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    path: { type: 'string' },
    replay: { type: 'string' },
  },
});
const sequences = Number(values.sequences);
if (!Number.isSafeInteger(sequences) || sequences < 1) throw new Error('--sequences: expected how many');
if (!Number.isSafeInteger(Number(values.seed))) throw new Error('--seed: expected a number');
process.stdout.write(`${sequences} sequences, seed ${values.seed}\n`);
runTests(
  ['test/model/model'],
  {
    MODEL_SEQUENCES: values.sequences,
    MODEL_SEED: values.seed,
    ...(values.path === undefined ? {} : { MODEL_PATH: values.path }),
    ...(values.replay === undefined ? {} : { MODEL_REPLAY: values.replay }),
  },
  BEGINNING_MS + sequences * MOST_MS_OF_A_SEQUENCE,
);
