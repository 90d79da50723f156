// The order of test files. What must stay true: those that need a whole core are never at work together, or those beside them, which
// count seconds, fail for want of one. Each begins after a dozen others; the rest as jest has it, the largest first.
import Sequencer from '@jest/test-sequencer';

const hungry = [
  'replay/gate',
  'chaos/kept-bundle',
  'chaos/contention',
  'workflow/long-life',
  'chaos/crash-in-shipping',
];
const APART = 12;

export default class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const rankOf = ({ path }) => hungry.findIndex((name) => path.includes(`${name}.test`));
    const heavy = sorted.filter((test) => rankOf(test) >= 0).sort((one, other) => rankOf(one) - rankOf(other));
    const others = sorted.filter((test) => rankOf(test) < 0);
    heavy.forEach((test, index) => others.splice(index * APART, 0, test));
    return others;
  }
}
