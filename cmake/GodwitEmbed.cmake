# godwit_embed(target NAMESPACE FILES...): compiles files into `target` as
#   namespace godwit::<NAMESPACE> { std::string_view embedded(std::string_view file_name); }   -- "" when there is none
# declared by including "<NAMESPACE>/embedded.h" (written by hand). File names are relative to the folder given by BASE.
function(godwit_embed target)
  cmake_parse_arguments(EMBED "" "NAMESPACE;BASE" "FILES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cc)
  set(paths ${EMBED_FILES})
  list(TRANSFORM paths PREPEND ${EMBED_BASE}/)
  string(REPLACE ";" "," joined "${EMBED_FILES}")
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAMESPACE=${EMBED_NAMESPACE} -DBASE=${EMBED_BASE} -DFILES=${joined} -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
