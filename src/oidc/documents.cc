#include "oidc/documents.h"

namespace godwit::oidc {

std::shared_ptr<const Documents> DocumentCache::find(const Name& name) const {
    const auto now = clock_.now();
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(name);
    if (found == entries_.end()) return nullptr;
    found->second.asked = now;
    const auto age = now - found->second.documents->made;
    if (age > kGoodFor || age < std::chrono::seconds(0)) return nullptr;
    return found->second.documents;
}

void DocumentCache::put(const Name& name, std::string path, std::shared_ptr<const Documents> documents) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(name); found != entries_.end()) {
        found->second.documents = std::move(documents);
        return;
    }
    if (entries_.size() >= kMaxHosts) entries_.clear();
    const auto asked = documents->made;
    entries_.emplace(name, Entry{std::move(path), std::move(documents), asked});
}

void DocumentCache::remove(const Name& name) {
    const std::lock_guard lock(mutex_);
    entries_.erase(name);
}

std::vector<DocumentCache::Wanted> DocumentCache::wanted() {
    const auto now = clock_.now();
    std::vector<Wanted> wanted;
    const std::lock_guard lock(mutex_);
    const bool few = entries_.size() <= kFewHosts;
    std::erase_if(entries_, [&](const auto& entry) {
        const auto& [name, texts] = entry;
        if (few ? now - texts.asked > kRemembered : texts.asked <= texts.documents->made) return true;
        wanted.push_back({name, texts.path});
        return false;
    });
    return wanted;
}

}  // namespace godwit::oidc
