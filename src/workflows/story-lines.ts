// What happened, as lines for people: one for each thing, however often it is tried before something else happens.

type Line = { subject: string | null; text: string };

export function openStory() {
  const lines: Line[] = [];
  const lastOf = (subject: string): number => lines.findLastIndex((line) => line.subject === subject);
  const lineOf = (subject: string, standing: string): Line => ({ subject, text: `${subject}: ${standing}` });
  return {
    /** Says how it stands: anew, unless nothing else has happened since. */
    begin(subject: string, standing: string): void {
      const isLast = lines.length > 0 && lastOf(subject) === lines.length - 1;
      lines.splice(isLast ? -1 : lines.length, 1, lineOf(subject, standing));
    },
    /** Says how it stands now: others may have begun meanwhile. */
    replace(subject: string, standing: string): void {
      const at = lastOf(subject);
      lines.splice(at < 0 ? lines.length : at, 1, lineOf(subject, standing));
    },
    /** Something by itself. */
    add: (text: string): void => void lines.push({ subject: null, text }),
    lines: (): string[] => lines.map(({ text }) => text),
  };
}
