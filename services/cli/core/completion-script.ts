// Shell scripts that complete commands and options, made from the tree of commands.

/** A command as completion sees it. */
export type CommandNode = {
  /** The words after `dagmesh`; empty for itself. */
  readonly path: string;
  /** What may come next: commands and options. */
  readonly words: readonly string[];
};

/** The script for a shell, to be sourced. */
export function completionScript(shell: 'bash' | 'zsh', nodes: readonly CommandNode[]): string {
  // zsh can run bash's completions, so one script serves both.
  const prelude = shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : '';
  const cases = nodes.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`);
  return `${prelude}_dagmesh() {
  local word path='' words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${nodes
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      '${path.includes(' ') ? path : ` ${path}`}') path='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _dagmesh dagmesh`;
}
