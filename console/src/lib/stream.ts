// Server-sent events by fetch, so that a key can go with the request. Goes on where it was cut off, until the stream says that it is over.
import { createParser } from 'eventsource-parser';
import { authorization } from './api.ts';

/** How long to wait before the stream is opened again; what the service asks of clients that were cut off. */
const AGAIN_MS = 2_000;

export type StreamState = 'opening' | 'live' | 'cut' | 'over';

/** Tells every event after `after`, once, until `signal` is aborted or nothing can come any more. */
export async function follow(
  path: string,
  options: {
    after: number;
    signal: AbortSignal;
    onEvent: (data: unknown) => void;
    onState: (state: StreamState) => void;
  },
): Promise<void> {
  const { signal, onState } = options;
  const isGone = (): boolean => signal.aborted;
  let after = options.after;
  onState('opening');
  while (!isGone()) {
    const end = await readOnce(path, { ...options, after, onId: (id) => (after = id) });
    if (isGone()) return;
    if (end === 'over') return onState('over');
    // A stream that told something and then ended may have told all there is: asked again at once, it says so.
    if (end === 'ended') continue;
    onState('cut');
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

type Reading = Parameters<typeof follow>[1] & { onId: (id: number) => void };
type End = 'over' | 'ended' | 'cut';

async function readOnce(path: string, reading: Reading): Promise<End> {
  const { after, signal, onState } = reading;
  try {
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': String(after), ...authorization() };
    const response = await fetch(path, { headers, signal, cache: 'no-store' });
    // Nothing comes after what is known already.
    if (response.status === 204) return 'over';
    // Who may not read will not be allowed to a moment later.
    if (response.status >= 400 && response.status < 500 && response.status !== 429) return 'over';
    if (!response.ok || !response.body) return 'cut';
    onState('live');
    return await readEvents(response.body, reading);
  } catch {
    return 'cut';
  }
}

async function readEvents(body: ReadableStream<BufferSource>, { onEvent, onId }: Reading): Promise<End> {
  let told = 0;
  const parser = createParser({
    onEvent: ({ id, data }) => {
      if (id !== undefined) onId(Number(id));
      if (data === '') return;
      told += 1;
      onEvent(JSON.parse(data));
    },
  });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return told > 0 ? 'ended' : 'cut';
    parser.feed(value);
  }
}
