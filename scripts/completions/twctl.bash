# bash completion for twctl: the program itself knows what may stand where.
_twctl() {
  local cur words cword line files=""
  _get_comp_words_by_ref -n =: cur words cword
  # readline replaces only what stands behind the last of these.
  local kept=""
  [[ $cur == *[=:]* && $COMP_WORDBREAKS == *[=:]* ]] && kept=${cur%"${cur##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line ]] || continue
    if [[ $line == :files ]]; then files=1 && continue; fi
    line=${line%%$'\t'*}
    COMPREPLY+=("${line#"$kept"}")
  done <<<"$("${words[0]}" complete -- "${words[@]:1:cword}" 2>/dev/null)"
  [[ ! $files ]] || compopt -o bashdefault -o default
  [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}
complete -F _twctl twctl
