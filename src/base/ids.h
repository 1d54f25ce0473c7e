// Strong identifiers and the scopes that every query needs. An id is an int64 inside; the text the contract
// shows (`public_id`, or the decimal) is known to the rows of directory/ only, see docs/data-model.md.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace godwit {

template <class Tag>
struct Id {
    std::int64_t key = 0;

    constexpr Id() = default;
    constexpr explicit Id(std::int64_t k) : key(k) {}
    constexpr explicit operator bool() const { return key != 0; }
    friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

using OrgId = Id<struct OrgTag>;
using UserId = Id<struct UserTag>;
using ProjectId = Id<struct ProjectTag>;
using AppId = Id<struct AppTag>;
using IdpId = Id<struct IdpTag>;
using SessionId = Id<struct SessionTag>;

/// The short number that leads every key of an instance (assigned once, never reused). 0 is the system.
struct InstanceNo {
    std::int32_t value = 0;
    friend constexpr auto operator<=>(const InstanceNo&, const InstanceNo&) = default;
};

/// The right to read and write one instance's rows. Only the places that found out which instance a request, a job or
/// a first start belongs to may make one (directory/instance, store's job runner, tests); all others are handed one.
class InstanceScope {
public:
    static constexpr InstanceScope of(InstanceNo no) { return InstanceScope(no); }
    constexpr InstanceNo no() const { return no_; }
    friend constexpr bool operator==(const InstanceScope&, const InstanceScope&) = default;

private:
    constexpr explicit InstanceScope(InstanceNo no) : no_(no) {}
    InstanceNo no_;
};

/// The right to read and write one organization's rows: made from an InstanceScope by whoever checked the permission there.
class OrgScope {
public:
    constexpr OrgScope(InstanceScope instance, OrgId org) : instance_(instance), org_(org) {}
    constexpr const InstanceScope& instance() const { return instance_; }
    constexpr OrgId org() const { return org_; }
    friend constexpr bool operator==(const OrgScope&, const OrgScope&) = default;

private:
    InstanceScope instance_;
    OrgId org_;
};

}  // namespace godwit

template <class Tag>
struct std::hash<godwit::Id<Tag>> {
    std::size_t operator()(const godwit::Id<Tag>& id) const noexcept { return std::hash<std::int64_t>{}(id.key); }
};
