#include <algorithm>
#include <array>

#include "migration/sources/auth0/auth0.h"
#include "migration/sources/godwit/godwit.h"
#include "migration/sources/keycloak/keycloak.h"
#include "migration/sources/source.h"
#include "migration/sources/table/table.h"
#include "migration/sources/zitadel/zitadel.h"

namespace godwit::migration {

std::span<const SourceKind> source_kinds() {
    static const std::array kKinds{
        godwit_kind(), zitadel_kind(), keycloak_kind(), auth0_kind(), csv_kind(), tsv_kind(), ndjson_kind(),
    };
    return kKinds;
}

Result<const SourceKind*> find_source_kind(std::string_view name) {
    const auto kinds = source_kinds();
    const auto found = std::ranges::find(kinds, name, &SourceKind::name);
    if (found != kinds.end()) return &*found;
    std::string all;
    for (const SourceKind& kind : kinds) all += (all.empty() ? "" : ", ") + std::string(kind.name);
    return fail(Code::invalid_argument, "MIGRATE-Kind0", "there is no source \"" + std::string(name) + "\"; there are: " + all);
}

Result<std::unique_ptr<Source>> open_source(const SourceKind& kind, const SourceOptions& options) {
    const auto useless = [&](const char* option, bool SourceKind::* takes) {
        std::string all;
        for (const SourceKind& other : source_kinds())
            if (other.*takes) all += (all.empty() ? "" : ", ") + std::string(other.name);
        return fail(Code::invalid_argument, "MIGRATE-Kind1",
                    std::string(option) + " is of no use to --from " + std::string(kind.name) + ", only to " + all);
    };
    if (!options.passwords.empty() && !kind.takes_passwords) return useless("--passwords", &SourceKind::takes_passwords);
    if (!options.mapping.empty() && !kind.takes_mapping) return useless("--mapping", &SourceKind::takes_mapping);
    return kind.open(options);
}

}  // namespace godwit::migration
