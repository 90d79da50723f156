export type Paint = {
  bold: (text: string) => string;
  good: (text: string) => string;
  bad: (text: string) => string;
  quiet: (text: string) => string;
};

/** ANSI colours, or none. */
export function createPaint(colours: boolean): Paint {
  const by = (code: number) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: by(1), good: by(32), bad: by(31), quiet: by(2) };
}
