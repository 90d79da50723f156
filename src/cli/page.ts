// The reference in docs/cli.md: what the commands say of themselves, so that it can not say anything else.
import type { Command } from 'commander';
import { createProgram } from './program.ts';
import type { Exit } from './exit-codes.ts';
import type { Io } from './io.ts';

const BEGIN = '<!-- commands: written by `npm run client` -->\n';
const END = '<!-- commands: end -->\n';

/** The page with the commands as they are; null where it lacks the marks of where they stand. */
export function pageWithCommands(page: string): string | null {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) return null;
  return `${before}${BEGIN}\n${reference()}\n${END}${after}`;
}

function reference(): string {
  let text = '';
  const io = { settings: {}, out: (more: string) => void (text += more), say: () => undefined } as unknown as Io;
  const program = createProgram(io, (_exit: Exit) => undefined);
  const sections = leaves(program).map(([path, command]) => {
    text = '';
    command.outputHelp();
    const lines = text.trimEnd().split('\n');
    return `### orders${path}\n\n\`\`\`\n${lines.map((line) => line.trimEnd()).join('\n')}\n\`\`\`\n`;
  });
  return sections.join('\n');
}

/** The program itself, its commands and theirs. */
function leaves(command: Command, path = ''): [string, Command][] {
  const below = command.commands.filter((one) => one.name() !== 'help');
  return [[path, command], ...below.flatMap((one) => leaves(one, `${path} ${one.name()}`))];
}
