# What `cmake --install` puts where: programs, libpalier with its headers, manual pages. Plugins, and what one of yours is
# built against, are in plugins/CMakeLists.txt.
foreach(room daemon tools)
	file(GLOB_RECURSE lists RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${room}/CMakeLists.txt)
	foreach(list ${lists})
		get_filename_component(folder ${PROJECT_SOURCE_DIR}/${list} DIRECTORY)
		get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
		foreach(target ${targets}) # a new program needs no line here
			get_target_property(type ${target} TYPE)
			if(type STREQUAL EXECUTABLE)
				install(TARGETS ${target} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
			endif()
		endforeach()
	endforeach()
endforeach()

install(TARGETS protocol ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/protocol/*.h) # they include each other as "protocol/x.h"
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/palier/protocol)
configure_file(${PROJECT_SOURCE_DIR}/protocol/palier.pc.in ${PROJECT_BINARY_DIR}/palier.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/palier.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

foreach(section 1 5 8)
	file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.${section})
	if(pages)
		install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
	endif()
endforeach()
install(FILES README.md CHANGELOG LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
