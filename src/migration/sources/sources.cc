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

}  // namespace godwit::migration
