export function queriesOf(markdown: string): { title: string; query: string; link: string }[];
