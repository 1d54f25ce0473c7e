#include "app/master_key.h"

#include <cstdlib>
#include <cstring>

#include "base/files.h"
#include "base/secret.h"

namespace godwit::app {
namespace {

std::unexpected<Error> refuse(std::string_view message) { return fail(Code::failed_precondition, std::string(kBadMasterKey), message); }

Result<Secret> from_file(const std::string& path) {
    auto read = read_small_file(path);
    if (!read) return refuse("the master key: " + read.error().message);
    std::string& text = *read;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();  // editors end files with a line end
    Secret out(text);
    explicit_bzero(text.data(), text.size());
    return out;
}

Result<Secret> from_environment() {
    for (const char* name : {"GODWIT_MASTERKEY", "ZITADEL_MASTERKEY"})
        if (const char* value = std::getenv(name)) return Secret(value);
    return refuse("--masterkeyFromEnv was given, but neither GODWIT_MASTERKEY nor ZITADEL_MASTERKEY is set");
}

}  // namespace

Result<crypto::MasterKey> read_master_key(const MasterKeySource& source) {
    const int given = source.value.has_value() + source.file.has_value() + source.environment;
    if (given == 0)
        return refuse(
            "no master key: it encrypts every secret in the database, so it must be given and kept. For a new database make one with "
            "`head -c 24 /dev/urandom | base64 > masterkey` and keep it apart from the database; give it, always the same, by "
            "--masterkeyFile "
            "masterkey (or --masterkeyFromEnv with GODWIT_MASTERKEY set)");
    if (given > 1) return refuse("more than one of --masterkey, --masterkeyFile and --masterkeyFromEnv was given; give one");
    const Secret bytes = source.value ? Secret(*source.value) : source.file ? TRY(from_file(*source.file)) : TRY(from_environment());
    if (bytes.reveal().size() != 32)
        return refuse("the master key is " + std::to_string(bytes.reveal().size()) + " bytes long; it must be 32");
    return crypto::MasterKey::from_bytes(bytes);
}

}  // namespace godwit::app
