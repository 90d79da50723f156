// What tests ask the control server of the one-machine stack.
import type { Live } from '../../src/chaos/contract.ts';
import type { PartState } from '../../src/local/chaos.ts';

export type Control = { url: string; token: string };
type Heard = { status: number; type: string | null; body: unknown };

export const controlOf = async (apiUrl: string): Promise<Control> =>
  ((await (await fetch(`${apiUrl}/console/config.json`)).json()) as { chaos: Control }).chaos;

/** `headers` beside, or in the place of, those that it needs. */
export async function command(
  { url, token }: Control,
  method: string,
  path: string,
  { body, headers = {} }: { body?: object; headers?: Record<string, string> } = {},
): Promise<Heard> {
  const answer = await fetch(url + path, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...headers,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    body: text === '' ? null : JSON.parse(text),
  };
}

export const partOf = async (control: Control, name: string): Promise<PartState> => {
  const { items } = (await command(control, 'GET', '/processes')).body as { items: PartState[] };
  const found = items.find((item) => item.name === name);
  if (!found) throw new Error(`Expected a process ${name}; found ${items.map((item) => item.name).join(', ')}`);
  return found;
};

/** Hears until one is as it should be. Throws when none is within a minute. */
export async function hear({ url, token }: Control, isWanted: (live: Live) => boolean): Promise<Live> {
  const answer = await fetch(`${url}/live`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(60_000),
  });
  let text = '';
  for await (const part of answer.body ?? []) {
    text += Buffer.from(part as Uint8Array).toString();
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const live = JSON.parse(message.slice(message.indexOf('data: ') + 6)) as Live;
      if (isWanted(live)) return live;
    }
  }
  throw new Error('The stream has ended');
}
