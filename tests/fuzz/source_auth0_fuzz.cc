// Users of Auth0 in NDJSON, JSON or CSV; the same bytes are the file of hashes.
#include "migration/sources/auth0/auth0.h"
#include "source_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const godwit::fuzz::MemoryFile file(data, size);
    godwit::fuzz::run_source(godwit::migration::auth0_kind(), {.paths = {file.path()}, .passwords = file.path()});
    return 0;
}
