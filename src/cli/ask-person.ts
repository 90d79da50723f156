import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks on stderr, so that stdout stays for results; what is secret is not echoed. */
export async function askPerson(
  question: string,
  { secret = false, signal }: { secret?: boolean; signal: AbortSignal },
): Promise<string> {
  process.stderr.write(question);
  const output = secret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: secret });
  try {
    return await lines.question('', { signal });
  } finally {
    lines.close();
    if (secret) process.stderr.write('\n');
  }
}
