// The order of test files. What must stay true: those that need a whole core are never at work together, or those beside them, which
// count seconds, fail for want of one; and none that waits most of its time is left for the end, when nothing is there to fill it.
import Sequencer from '@jest/test-sequencer';

const hungry = [
  'model/model',
  'sweep/sweep',
  'replay/gate',
  'chaos/kept-bundle',
  'chaos/contention',
  'workflow/long-life',
  'chaos/crash-in-shipping',
];
// The longest first. Each waits most of the time: for leases and timeouts of processes that were killed.
const patient = [
  ...[
    'chaos/crash-in-step',
    'e2e/paths',
    'chaos/reconciliation-crash',
    'chaos/crash-in-undo',
    'chaos/reconciliation-disputes',
  ],
  ...[
    'chaos/unknown-outcomes',
    'chaos/restored-backup',
    'e2e/disputes',
    'chaos/crash-in-cancel',
    'chaos/outages',
    'e2e/resolve-many',
  ],
  ...[
    'e2e/cancel',
    'e2e/returns',
    'chaos/crash-in-return',
    'chaos/crash-in-refund',
    'chaos/crash-in-backorder',
    'chaos/webhooks',
  ],
  ...[
    'chaos/crash-in-capture',
    'chaos/crash-in-amendment',
    'chaos/provider-outage',
    'chaos/broker',
    'chaos/customer-notices',
    'e2e/erasure',
    'chaos/frozen-worker',
  ],
];
// So many others begin before the next that needs a core: the first takes as long as seven of the patient, the rest as three.
const FIRST_APART = 8;
const APART = 4;

export default class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const [heavy, heavyless] = ranked(sorted, hungry);
    const [waiting, rest] = ranked(heavyless, patient);
    const others = [...waiting, ...rest];
    heavy.forEach((test, index) => others.splice(index === 0 ? 0 : FIRST_APART + (index - 1) * APART, 0, test));
    return others;
  }
}

/** Those that are named, in the order of the names, and the others as they were. */
function ranked(tests, names) {
  const rankOf = ({ path }) => names.findIndex((name) => path.includes(`${name}.test`));
  const named = tests.filter((test) => rankOf(test) >= 0).sort((one, other) => rankOf(one) - rankOf(other));
  return [named, tests.filter((test) => rankOf(test) < 0)];
}
