#include "store/schema/upgrade.h"

#include <string>

#include "store/database_name.h"

namespace godwit::store::schema {

Result<std::span<const Version>> plan(Database database, std::span<const Version> known, std::optional<State> found) {
    if (!found) return known;
    const int own = known.empty() ? 0 : known.back().number;
    // A server both reads and writes, so it needs to satisfy both.
    if (found->min_reader > own || found->min_writer > own) {
        const bool unreadable = found->min_reader > own;
        return fail(Code::failed_precondition, "STORE-newer",
                    "the " + std::string(name_of(database)) + " database has schema version " + std::to_string(found->version) +
                        ", which only a program that knows version " + std::to_string(unreadable ? found->min_reader : found->min_writer) +
                        " may " + (unreadable ? "read" : "write") + "; this program knows version " + std::to_string(own) +
                        ". Start the newer release, or restore a backup made before the upgrade");
    }
    if (found->version >= own) return std::span<const Version>();
    return known.subspan(static_cast<std::size_t>(found->version));
}

Result<void> check_readable(Database database, std::span<const Version> known, std::optional<State> found) {
    const int own = known.empty() ? 0 : known.back().number;
    if (!found) return fail(Code::failed_precondition, "STORE-empty", "there is no Godwit database here yet; `godwit serve` makes it");
    const std::string has = "the " + std::string(name_of(database)) + " database has schema version " + std::to_string(found->version);
    if (found->min_reader > own)
        return fail(Code::failed_precondition, "STORE-newer",
                    has + ", which only a program that knows version " + std::to_string(found->min_reader) +
                        " may read; this program knows version " + std::to_string(own) + ". Use the newer release");
    if (found->version < own)
        return fail(Code::failed_precondition, "STORE-older",
                    has + ", this program reads version " + std::to_string(own) + "; `godwit serve` of this release upgrades it");
    return {};
}

}  // namespace godwit::store::schema
