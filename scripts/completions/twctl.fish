# fish completion for twctl: the program itself knows what may stand where.
function __twctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in (command $program complete -- $words $current 2>/dev/null)
        if test "$line" = :files
            set -l lead (string match -r -- '^--[^=]*=' $current)
            for path in (__fish_complete_path (string sub -s (math 1 + (string length -- "$lead")) -- $current))
                printf "%s\n" "$lead$path"
            end
        else
            printf "%s\n" $line
        end
    end
end
complete -c twctl -f -a '(__twctl_complete)'
