# What twctl.exe has that a program of Linux has not: the system's libraries, a manifest, a version in its properties.
# Without a time stamp in it, so that the same source gives the same file.
target_compile_definitions(twctl_core PRIVATE UNICODE _UNICODE NOMINMAX WIN32_LEAN_AND_MEAN _WIN32_WINNT=0x0A00)
target_link_libraries(twctl_core PUBLIC advapi32 iphlpapi ntdll)

enable_language(RC)
string(REPLACE "." "," TWCTL_VERSION_NUMBERS "${PROJECT_VERSION}")
set(windows_folder ${CMAKE_CURRENT_SOURCE_DIR}/platform/windows)
configure_file(${windows_folder}/twctl.rc.in twctl.rc @ONLY)
target_sources(twctl PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/twctl.rc)
set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/twctl.rc PROPERTIES
                            OBJECT_DEPENDS ${windows_folder}/twctl.manifest INCLUDE_DIRECTORIES ${windows_folder})
target_link_options(twctl PRIVATE -Wl,--no-insert-timestamp)
