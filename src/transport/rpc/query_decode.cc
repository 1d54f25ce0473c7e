#include "transport/rpc/query_decode.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/url.h"
#include "transport/rpc/message_plan.h"
#include "transport/rpc/scalar_text.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

/// A field by its dotted path, with the messages on the way to it.
struct Place {
    std::vector<const FieldPlan*> way;
    const FieldPlan* field = nullptr;
    std::string name;  ///< in .proto names
};

/// nullptr in `field`: unknown, or the way leads through something that is no single message.
Place find_place(const MessagePlan& root, std::string_view path) {
    Place place;
    const MessagePlan* plan = &root;
    for (const auto step : split(path, '.')) {
        if (place.field) {
            if (place.field->shape != Shape::message || place.field->repeated || place.field->map) return {};
            place.way.push_back(place.field);
            plan = place.field->message;
        }
        place.field = plan->find(step);
        if (!place.field) return {};
        if (!place.name.empty()) place.name += '.';
        place.name += place.field->field->name();
    }
    return place;
}

pb::Message& walk(pb::Message& root, const Place& place) {
    pb::Message* at = &root;
    for (const FieldPlan* step : place.way) at = at->GetReflection()->MutableMessage(at, step->field);
    return *at;
}

/// A oneof member other than this one is set already.
bool excluded(const pb::Message& message, const FieldPlan& field) {
    if (field.oneof < 0) return false;
    const auto* set = message.GetReflection()->GetOneofFieldDescriptor(message, field.field->containing_oneof());
    return set && set != field.field;
}

Result<void> invalid(std::string_view name, std::string_view why) {
    return fail(Code::invalid_argument, "", "invalid parameter " + std::string(name) + ": " + std::string(why));
}

}  // namespace

Result<void> decode_query(std::string_view query, std::span<const std::string> bound, pb::Message& out) {
    const auto parameters = parse_query(query);
    if (!parameters) return fail(Code::invalid_argument, "", "malformed query");
    const MessagePlan& plan = plan_of(*out.GetDescriptor());
    std::set<std::string> given;
    for (const auto& [name, value] : *parameters) {
        const Place place = find_place(plan, name);
        if (!place.field && plan.strict) return invalid(name, "there is none of this name" + known_members(plan, name));
        if (!place.field) continue;
        const auto covers = [&](const std::string& path) { return place.name == path || place.name.starts_with(path + "."); };
        if (std::ranges::any_of(bound, covers)) continue;
        if (!place.field->repeated && !given.insert(place.name).second) return invalid(name, "given twice");
        pb::Message& target = walk(out, place);
        if (excluded(target, *place.field)) return invalid(name, "excludes another parameter that is given");
        if (place.field->map || set_from_text(target, *place.field, value) == Reading::wrong) return invalid(name, "malformed value");
    }
    return {};
}

Result<void> set_path_variable(pb::Message& out, std::string_view field_path, std::string_view text) {
    const Place place = find_place(plan_of(*out.GetDescriptor()), field_path);
    if (!place.field || set_from_text(walk(out, place), *place.field, text) != Reading::ok) return invalid(field_path, "malformed value");
    return {};
}

const pb::FieldDescriptor* find_field_path(const pb::Message& prototype, std::string_view field_path) {
    const Place place = find_place(plan_of(*prototype.GetDescriptor()), field_path);
    return place.field && !place.field->repeated && !place.field->map ? place.field->field : nullptr;
}

}  // namespace godwit::rpc
