# The sources of a folder as one: what they all instantiate of the libraries' templates is compiled once, which saves half of
# the time. For trees that are built whole; one in which somebody works would compile a folder after a change of one file.
# So two files of one may not have the same name each for itself.
set(twctl_unity src/apply src/audit src/base src/catalog src/cli src/diagnose src/formats src/journal src/observe src/observe/writers src/plan
                src/profile src/report src/rules src/sysctl src/trial platform/linux platform/posix platform/windows)

set(twctl_unity_apart "_json\\.cpp$|/record\\.cpp$") # with those of src/json: they include the JSON library, which costs most

function(twctl_unity_folders target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE group)
    cmake_path(GET group PARENT_PATH folder)
    if(group MATCHES "${twctl_unity_apart}|^src/json/")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP json)
    elseif(folder IN_LIST twctl_unity)
      string(REPLACE "/" "_" folder "${folder}")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder})
    endif()
  endforeach()
endfunction()
