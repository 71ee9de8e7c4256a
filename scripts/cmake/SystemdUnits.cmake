# The units, installed beside the program that they start: they name it where it will lie, which is known when it is
# installed (cmake --install --prefix); /usr/sbin in this tree.
foreach(unit twctl-audit.service twctl-audit.timer twctl-deadline.path twctl-deadline.service twctl-metrics.service
    twctl-metrics.timer twctl-recover.service)
  install(CODE "
    file(READ \"${CMAKE_CURRENT_SOURCE_DIR}/scripts/systemd/${unit}\" text)
    string(REPLACE /usr/sbin \${CMAKE_INSTALL_PREFIX}/sbin text \"\${text}\")
    file(WRITE \"${CMAKE_CURRENT_BINARY_DIR}/systemd/${unit}\" \"\${text}\")")
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/systemd/${unit} DESTINATION lib/systemd/system)
endforeach()
