// `npm run record`: keeps the history of every path in test/support/paths.ts that has none yet, for the replay tests.
import { runTests } from './test.mjs';

runTests(['test/replay/record'], { RECORD_HISTORIES: '1' });
