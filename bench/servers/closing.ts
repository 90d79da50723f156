/** What is to be closed when the run is over, whatever ends it: the last opened first. */
export type Closing = (() => Promise<unknown>)[];

/** One part that fails to close does not keep the others open. */
export async function closeAll(closing: Closing): Promise<void> {
  for (let close = closing.pop(); close; close = closing.pop())
    await close().catch((error: unknown) => process.stderr.write(`A part did not close: ${String(error)}\n`));
}
