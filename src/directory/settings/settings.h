// One mechanism for every policy. A policy is a message type (proto/godwit/settings/v1/settings.proto): the built-in default, replaced
// by the instance's own, replaced by the organization's own. One more policy is one message and, if it has a default, one entry in
// defaults.cc.
//
//   #include "godwit/settings/v1/settings.pb.h"  // in the .cc
//   auto lockout = TRY(settings.get<LockoutPolicy>(org));
//   if (failed >= lockout.value.max_password_attempts()) …
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/ids.h"
#include "base/result.h"
#include "directory/object/object.h"

namespace google::protobuf {
class Message;
}
namespace godwit::store {
class Reader;
class Store;
class Writer;
}  // namespace godwit::store

namespace godwit::settings {

/// Where an effective value comes from.
enum class Level { built_in, instance, organization };

/// A policy as it holds for an organization (or the instance).
template <class Message>
struct Effective {
    Message value;
    Level level = Level::built_in;
    directory::Stamp stamp;  ///< of the row; of the instance for a built-in default
    bool is_default() const { return level != Level::organization; }
};

/// Where a value comes from, and its row's history (of the instance for a built-in default).
using Origin = std::pair<Level, directory::Stamp>;

/// The effective value in a transaction that is already open, uncached; fills `out` (of the wanted type).
Result<Origin> read(store::Reader& db, const OrgScope& org, google::protobuf::Message& out);
template <class Message>
Result<Effective<Message>> read(store::Reader& db, const OrgScope& org);

class Settings {
public:
    explicit Settings(store::Store& store);
    ~Settings();
    Settings(const Settings&) = delete;

    /// What the configuration says in place of a built-in value, for instances without a value of their own. Before the first use.
    void replace_built_in(const google::protobuf::Message& value);

    /// The effective value. Cached; one small read.
    template <class Message>
    Result<Effective<Message>> get(const OrgScope& org) const;
    template <class Message>
    Result<Effective<Message>> get(InstanceScope instance) const {
        return get<Message>(OrgScope(instance, OrgId{}));
    }
    /// Sets the organization's own value, or the instance's when the scope names no organization. Answers
    /// nullopt when that level has exactly this value already (each policy has its own error for it). Change::resource_owner is the
    /// organization's (or instance's) id.
    Result<std::optional<directory::Change>> set(const OrgScope& org, const store::Editor& editor, const google::protobuf::Message& value);
    Result<std::optional<directory::Change>> set(store::Writer& db, const OrgScope& org, const store::Editor& editor,
                                                 const google::protobuf::Message& value);

    /// Back to the next level's value. nullopt when that level had none.
    Result<std::optional<directory::Change>> reset(const OrgScope& org, const store::Editor& editor, const google::protobuf::Message& kind);

    /// True when that level has a value of its own.
    Result<bool> exists(const OrgScope& org, const google::protobuf::Message& kind) const;

private:
    Result<Origin> load(const OrgScope& org, google::protobuf::Message& out) const;
    /// `found`, with what the configuration says in place of a built-in value.
    Result<Origin> configured(Origin found, google::protobuf::Message& out) const;

    store::Store& store_;
    std::map<std::string, std::string, std::less<>> replaced_;  ///< by type: the body
    struct Cache;
    std::unique_ptr<Cache> cache_;
};

/// The built-in default of a policy, put into `out` (of the wanted type); an empty message for one without entry in defaults.cc.
void fill_default(google::protobuf::Message& out);

template <class Message>
Result<Effective<Message>> Settings::get(const OrgScope& org) const {
    Effective<Message> out;
    std::tie(out.level, out.stamp) = TRY(load(org, out.value));
    return out;
}

template <class Message>
Result<Effective<Message>> read(store::Reader& db, const OrgScope& org) {
    Effective<Message> out;
    std::tie(out.level, out.stamp) = TRY(read(db, org, out.value));
    return out;
}

}  // namespace godwit::settings
