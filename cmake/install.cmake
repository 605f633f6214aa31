# What `cmake --install` puts where: programs, plugins, libpalier with its headers and pkg-config files, manual pages.
# Programs and plugins are found by their kind, so that a new one needs no line here.
set(PALIER_PLUGIN_DIR ${CMAKE_INSTALL_LIBDIR}/palier/plugins)
set(PALIER_HEADER_DIR ${CMAKE_INSTALL_INCLUDEDIR}/palier)

foreach(room daemon tools plugins)
	get_property(targets DIRECTORY ${PROJECT_SOURCE_DIR}/${room} PROPERTY BUILDSYSTEM_TARGETS)
	foreach(target ${targets})
		get_target_property(type ${target} TYPE)
		if(type STREQUAL EXECUTABLE)
			install(TARGETS ${target} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
		elseif(type STREQUAL MODULE_LIBRARY)
			install(TARGETS ${target} LIBRARY DESTINATION ${PALIER_PLUGIN_DIR})
		endif()
	endforeach()
endforeach()

install(TARGETS protocol ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(room protocol plugins) # headers include each other as "protocol/x.h"
	file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${room}/*.h)
	install(FILES ${headers} DESTINATION ${PALIER_HEADER_DIR}/${room})
endforeach()

foreach(name palier palier-plugin)
	configure_file(${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
	install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

foreach(section 1 5 8)
	file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.${section})
	if(pages)
		install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
	endif()
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG ${PROJECT_SOURCE_DIR}/LICENSE
	DESTINATION ${CMAKE_INSTALL_DOCDIR})
