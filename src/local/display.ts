// What a person sees of the stack: one line per part, the same with and without a terminal.
export type Display = {
  heading: (text: string) => void;
  /** Shows the part as starting, does it, and shows that it runs (with what the work answers) or failed. */
  part: <T>(name: string, work: () => Promise<T>, describe: (result: T) => string) => Promise<T>;
  note: (text: string) => void;
  problem: (text: string) => void;
};

const NAME_WIDTH = 14;

export function createDisplay({ out, colours }: { out: NodeJS.WritableStream; colours: boolean }): Display {
  const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const line = (text: string): void => void out.write(`${text}\n`);
  return {
    heading: (text) => line(`\n${paint(1, text)}\n`),
    note: (text) => line(`  ${paint(36, '·')} ${text}`),
    problem: (text) => line(`\n${paint(31, '✗')} ${text}\n`),
    part: async (name, work, describe) => {
      const begun = Date.now();
      try {
        const result = await work();
        const seconds = paint(2, `${((Date.now() - begun) / 1_000).toFixed(1)} s`);
        line(`  ${paint(32, '✓')} ${name.padEnd(NAME_WIDTH)} ${describe(result)}  ${seconds}`);
        return result;
      } catch (error) {
        line(`  ${paint(31, '✗')} ${name.padEnd(NAME_WIDTH)} failed`);
        throw error;
      }
    },
  };
}
