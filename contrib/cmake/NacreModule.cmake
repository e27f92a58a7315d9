# nacre_module(<name> SOURCES ... [DEPENDS nacre::x ...] [PRIVATE_LIBS lib ...] [EXCEPTIONS])
#
# A static library nacre_<name> with the alias nacre::<name>. Third-party libraries are PRIVATE, so that no header
# of a module can expose them. Exceptions are off unless a codec must contain those of its library.
function(nacre_module name)
  cmake_parse_arguments(ARG "EXCEPTIONS" "" "SOURCES;DEPENDS;PRIVATE_LIBS" ${ARGN})
  add_library(nacre_${name} STATIC ${ARG_SOURCES})
  add_library(nacre::${name} ALIAS nacre_${name})
  target_link_libraries(nacre_${name}
    PUBLIC nacre_base_flags nacre_sanitize ${ARG_DEPENDS}
    PRIVATE ${ARG_PRIVATE_LIBS})
  if(NOT ARG_EXCEPTIONS)
    # Nothing unwinds through these modules, so in what is shipped the tables for it are left out.
    target_compile_options(nacre_${name} PRIVATE
      -fno-exceptions $<$<CONFIG:MinSizeRel>:-fno-asynchronous-unwind-tables>)
  endif()
endfunction()
