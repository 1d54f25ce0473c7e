// docs/password-hashes.md, written from the tables of the code; document_test.cc keeps the file equal to it.
#pragma once

#include <string>

namespace godwit::password {

std::string document();

}  // namespace godwit::password
