// The events of an order as they happen, by the client that others use as well: with the key, resumed where they were cut off, and not for
// ever on a connection that says nothing any more.
import { follow } from '../../../clients/typescript/src/follow.ts';
import { ProblemError } from '../../../clients/typescript/src/problem.ts';
import { readKey } from './session.ts';
import type { Envelope } from './types.ts';

export type StreamState = 'opening' | 'live' | 'cut' | 'over' | 'refused';

/** Tells every event of the order behind the sequence `after`, once, until `signal` is aborted or nothing can come any more. */
export async function followOrder(
  orderId: string,
  options: {
    after: number;
    signal: AbortSignal;
    onEvent: (event: Envelope) => void;
    onState: (state: StreamState) => void;
  },
): Promise<void> {
  const { after, signal, onEvent, onState } = options;
  onState('opening');
  try {
    const events = follow({
      ...{ baseUrl: location.origin, apiKey: readKey() ?? undefined, orderId, after, signal },
      // Whoever looks at the page wants it back, however long that takes.
      giveUpAfterMs: Infinity,
      onOpen: () => onState('live'),
      onReconnect: () => onState('cut'),
    });
    for await (const event of events) onEvent(event);
    onState('over');
  } catch (error) {
    if (!signal.aborted) onState(error instanceof ProblemError ? 'refused' : 'cut');
  }
}
