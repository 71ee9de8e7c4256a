# The units, installed beside the program that they start: they name it where it will lie, /usr/sbin in this tree.
include(GNUInstallDirs)

foreach(unit twctl-deadline.path twctl-deadline.service twctl-recover.service)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/scripts/systemd/${unit})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} text)
  string(REPLACE /usr/sbin ${CMAKE_INSTALL_FULL_SBINDIR} text "${text}")
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/systemd/${unit} "${text}")
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/systemd/${unit} DESTINATION lib/systemd/system)
endforeach()
