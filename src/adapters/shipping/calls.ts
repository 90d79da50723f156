// Calls of the carrier as monitoring sees them: each by what it came to.
import type { Carrier, CarrierAnswer } from '../../ports/carrier.ts';
import type { Call, CallKinds } from '../../runtime/call-metrics.ts';

const operations = {
  create: 'make a label',
  find: 'ask for a parcel',
  list: 'list the parcels',
  cancel: 'void a label',
};

const outcomes = {
  done: 'answered',
  refused: 'it will never do so as things are',
  unknown: 'it is ill, did not answer, asks for patience, or refuses our key',
} as const;

export const carrierCalls: CallKinds = { name: 'carrier', operations: Object.values(operations), outcomes };

/** The same carrier; `onCall` is told of every call. */
export function countCarrierCalls(carrier: Carrier, onCall: (call: Call) => void): Carrier {
  function counted<Request, Answer>(
    operation: string,
    call: (request: Request) => Promise<CarrierAnswer<Answer>>,
  ): (request: Request) => Promise<CarrierAnswer<Answer>> {
    return async (request) => {
      const begun = performance.now();
      let outcome: keyof typeof outcomes = 'unknown';
      try {
        const answer = await call(request);
        outcome = 'done' in answer ? 'done' : 'refused';
        return answer;
      } finally {
        onCall({ operation, outcome, seconds: (performance.now() - begun) / 1_000 });
      }
    };
  }
  return {
    create: counted(operations.create, carrier.create),
    find: counted(operations.find, carrier.find),
    list: counted(operations.list, carrier.list),
    cancel: counted(operations.cancel, carrier.cancel),
  };
}
