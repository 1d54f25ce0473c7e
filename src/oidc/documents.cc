#include "oidc/documents.h"

namespace godwit::oidc {

std::shared_ptr<const Documents> DocumentCache::find(std::string_view host) const {
    const auto now = clock_.now();
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(host);
    if (found == entries_.end()) return nullptr;
    const auto age = now - found->second.documents->made;
    if (age > kGoodFor || age < std::chrono::seconds(0)) return nullptr;
    if (age > kRenewAfter && !found->second.renewing) {
        found->second.renewing = true;
        return nullptr;
    }
    return found->second.documents;
}

void DocumentCache::put(std::string_view host, std::shared_ptr<const Documents> documents) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= kMaxHosts) entries_.clear();
    entries_.insert_or_assign(std::string(host), Entry{std::move(documents), false});
}

}  // namespace godwit::oidc
