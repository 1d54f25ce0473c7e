// Realm and user files of Keycloak, in any packing.
#include "migration/sources/keycloak/keycloak.h"
#include "source_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const godwit::fuzz::MemoryFile file(data, size);
    godwit::fuzz::run_source(godwit::migration::keycloak_kind(), {.paths = {file.path()}});
    return 0;
}
