#include "directory/key/rotation.h"

#include <algorithm>

#include "base/log.h"
#include "directory/key/signing_keys.h"

namespace godwit::key {
namespace {

const PublishedKey* find(const std::vector<PublishedKey>& keys, std::string_view kid) {
    const auto found = std::ranges::find(keys, kid, &PublishedKey::kid);
    return found == keys.end() || found->state != State::published ? nullptr : &*found;
}

}  // namespace

Result<void> rotate(SigningKeys& keys, InstanceScope scope, const RotationPlan& plan, Time now) {
    if (plan.signs.count() <= 0) return {};
    store::Editor editor;
    editor.service = "Rotation";
    const auto all = TRY(keys.published(scope));
    const Time retired_long = now - plan.published_after;
    if (std::ranges::any_of(*all, [&](const auto& key) { return key.state == State::retired && key.changed < retired_long; }))
        TRY(keys.remove_retired(scope, editor, retired_long));

    const auto active = std::ranges::find_if(*all, [](const auto& key) { return key.state == State::active && key.issuer == kOwnIssuer; });
    if (active == all->end()) return {};
    const Time due = active->changed + plan.signs;
    const auto ahead = std::min(plan.ahead, plan.signs / 2);
    if (now < due - ahead) return {};

    const PublishedKey* next = find(*all, active->successor);
    if (!next) {
        const auto made =
            TRY(keys.publish_successor(scope, editor, active->kid, active->successor, {active->algorithm, active->key.bits()}));
        if (made) log::info("a new signing key is published", {{"instance", scope.no().value}, {"kid", made->kid}});
        return {};
    }
    if (now < std::max(due, next->created + ahead)) return {};
    TRY(keys.activate(scope, editor, next->kid));
    log::info("the next signing key signs", {{"instance", scope.no().value}, {"kid", next->kid}});
    return {};
}

}  // namespace godwit::key
