import { expectThat, NotTested, type Check } from './check.ts';
import type { Connection } from './connection.ts';

/** The check of every port that looks through all that an adapter has said. */
export const credentialsCheck = <World extends Connection<object>>(): Check<World> => ({
  id: 'secrets.credentials',
  rule: 'What we prove ourselves with stands in no answer and in no error (message, stack, details, causes)',
  why: 'An error becomes part of a history, which many may read and which is kept for long. Errors of HTTP clients carry the whole request.',
  reliedOnBy: 'contracts/failures.ts notNowFailure',
  run: ({ said }) => {
    const secrets = said.secrets();
    if (secrets.length === 0)
      return Promise.reject(new NotTested('the module gives no secrets, and no request was seen to carry any'));
    const calls = secrets.flatMap((secret) => said.callsThatTell(secret));
    expectThat(calls.length === 0, `a key stands in what came of ${[...new Set(calls)].join(', ')}`);
    return Promise.resolve(`${secrets.length} looked for`);
  },
});
