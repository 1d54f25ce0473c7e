# Writes the C++ source that godwit_embed compiles.
string(REPLACE "," ";" FILES "${FILES}")
set(text "#include <string_view>\n#include <utility>\n\nnamespace godwit::${NAMESPACE} {\nnamespace {\n")
set(table "")
set(n 0)
foreach(file ${FILES})
  file(READ ${BASE}/${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
  # Compilers limit the length of one literal, so a long file is several, joined by the language itself.
  string(REGEX REPLACE "((\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f]))" "\\1\"\n    \"" bytes "${bytes}")
  string(LENGTH "${hex}" length)
  math(EXPR length "${length} / 2")
  string(APPEND text "constexpr std::string_view kFile${n}(\n    \"${bytes}\",\n    ${length});\n")
  string(APPEND table "    {\"${file}\", kFile${n}},\n")
  math(EXPR n "${n} + 1")
endforeach()
string(APPEND text "constexpr std::pair<std::string_view, std::string_view> kFiles[] = {\n${table}};\n}  // namespace\n\n"
  "std::string_view embedded(std::string_view file_name) {\n    for (const auto& [name, bytes] : kFiles)\n        if (name == file_name) return bytes;\n    return {};\n}\n\n}  // namespace godwit::${NAMESPACE}\n")
file(WRITE ${OUT} "${text}")
