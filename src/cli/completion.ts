// Completion for shells, made from the commands as they are: a script for each, that asks nobody while it completes.
import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What can stand behind a command: other commands, options, and the values of those that have a choice. */
type Place = {
  path: string;
  summary: string;
  words: string[];
  choices: { flags: string[]; values: readonly string[] }[];
};

/** The script of a shell, to be read by it. */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program);
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](places);
}

function placesOf(program: Command, path = '', above: readonly Command[] = []): Place[] {
  const options = [...above, program].flatMap((command) => command.options).filter(({ hidden }) => !hidden);
  const commands = program.commands.filter((command) => command.name() !== 'help');
  const flags = options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined));
  const choices = options
    .filter(({ argChoices }) => argChoices)
    .map(({ short, long, argChoices }) => ({
      flags: [short, long].filter((flag) => flag !== undefined),
      values: argChoices ?? [],
    }));
  const own = {
    path,
    summary: program.summary() || program.description(),
    words: [...commands.map((command) => command.name()), ...argumentsOf(program), ...flags, '--help'],
    choices,
  };
  return [own, ...commands.flatMap((command) => placesOf(command, `${path} ${command.name()}`, [...above, program]))];
}

const argumentsOf = (command: Command): readonly string[] =>
  command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** `case` of both POSIX-like shells: the words behind a path, and the values behind an option there. */
function cases(places: readonly Place[]): string {
  const known = places.slice(1).map(({ path }) => quoted(path));
  const words = places.map(({ path, words }) => `    ${quoted(path)}) words=${quoted(words.join(' '))} ;;`);
  const values = places.flatMap(({ path, choices }) =>
    choices.flatMap(({ flags, values }) =>
      flags.map((flag) => `    ${quoted(`${path} ${flag}`)}) words=${quoted(values.join(' '))} ;;`),
    ),
  );
  return `  for word in "\${before[@]}"; do
    case "$path $word" in
      ${known.join('|')}) path="$path $word" ;;
    esac
  done
  case "$path" in
${words.join('\n')}
  esac
  case "$path $prev" in
${values.join('\n')}
  esac`;
}

function bashScript(places: readonly Place[]): string {
  return `# bash: eval "$(orders completion bash)" in ~/.bashrc
_orders() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path='' word words=''
  local before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
${cases(places)}
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _orders orders
`;
}

function zshScript(places: readonly Place[]): string {
  return `#compdef orders
# zsh: orders completion zsh > "\${fpath[1]}/_orders"
_orders() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]} path='' word
  local -a before
  before=(\${words[2,CURRENT-1]})
  local words=''
${cases(places)}
  if [[ -n $words ]]; then compadd -- \${=words}; else _files; fi
}
if [[ $funcstack[1] == _orders ]]; then _orders "$@"; else compdef _orders orders; fi
`;
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words, choices }) => {
    const at = `-n ${quoted(`__orders_at${path}`)}`;
    const commands = words.filter((word) => !word.startsWith('-'));
    const flags = words.filter((word) => word.startsWith('-'));
    const valued = choices.flatMap(({ flags: names, values }) =>
      names.map((name) => `${option(name)} -x -a ${quoted(values.join(' '))}`),
    );
    const plain = flags.filter((flag) => !choices.some(({ flags: names }) => names.includes(flag))).map(option);
    return [
      ...commands.map(
        (word) => `complete -c orders -f ${at} -a ${word} -d ${quoted(summaryOf(places, `${path} ${word}`))}`,
      ),
      ...[...plain, ...valued].map((rest) => `complete -c orders ${at} ${rest}`),
    ];
  });
  return `# fish: orders completion fish > ~/.config/fish/completions/orders.fish
function __orders_at
    set -l path
    for word in (commandline -opc)[2..-1]
        switch (string join ' ' $path $word)
            case ${places
              .slice(1)
              .map(({ path }) => quoted(path.trim()))
              .join(' ')}
                set -a path $word
        end
    end
    test "$path" = "$argv"
end
${lines.join('\n')}
`;
}

const option = (flag: string): string => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`);
const summaryOf = (places: readonly Place[], path: string): string =>
  places.find((place) => place.path === path)?.summary ?? '';
