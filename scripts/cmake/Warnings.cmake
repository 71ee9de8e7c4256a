# The warnings that every target of ours is built with.
add_library(twctl_warnings INTERFACE)
target_compile_features(twctl_warnings INTERFACE cxx_std_20)
target_compile_options(twctl_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                                                $<$<BOOL:${TWCTL_STRICT}>:-Werror>)
