#include "transport/rpc/message_plan.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "base/near.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

Shape shape_of(const pb::FieldDescriptor& field) {
    using F = pb::FieldDescriptor;
    switch (field.cpp_type()) {
        case F::CPPTYPE_BOOL:
            return Shape::boolean;
        case F::CPPTYPE_INT32:
            return Shape::int32;
        case F::CPPTYPE_INT64:
            return Shape::int64;
        case F::CPPTYPE_UINT32:
            return Shape::uint32;
        case F::CPPTYPE_UINT64:
            return Shape::uint64;
        case F::CPPTYPE_FLOAT:
            return Shape::float32;
        case F::CPPTYPE_DOUBLE:
            return Shape::float64;
        case F::CPPTYPE_ENUM:
            return Shape::enumeration;
        case F::CPPTYPE_STRING:
            return field.type() == F::TYPE_BYTES ? Shape::bytes : Shape::string;
        case F::CPPTYPE_MESSAGE:
            break;
    }
    switch (field.message_type()->well_known_type()) {
        case pb::Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
            return Shape::message;
        case pb::Descriptor::WELLKNOWNTYPE_TIMESTAMP:
            return Shape::timestamp;
        case pb::Descriptor::WELLKNOWNTYPE_DURATION:
            return Shape::duration;
        case pb::Descriptor::WELLKNOWNTYPE_FIELDMASK:
            return Shape::field_mask;
        case pb::Descriptor::WELLKNOWNTYPE_STRUCT:
            return Shape::structure;
        case pb::Descriptor::WELLKNOWNTYPE_VALUE:
            return Shape::value;
        case pb::Descriptor::WELLKNOWNTYPE_LISTVALUE:
            return Shape::list_value;
        case pb::Descriptor::WELLKNOWNTYPE_ANY:
            return Shape::unsupported;
        default:
            return Shape::wrapper;  // BoolValue, StringValue, Int64Value …
    }
}

class Plans {
public:
    const MessagePlan& get(const pb::Descriptor& type) {
        {
            const std::shared_lock lock(mutex_);
            if (const auto found = plans_.find(&type); found != plans_.end()) return *found->second;
        }
        const std::unique_lock lock(mutex_);
        return make(type);
    }

private:
    const MessagePlan& make(const pb::Descriptor& type) {
        auto& slot = plans_[&type];
        if (slot) return *slot;  // also a type that contains itself
        slot = std::make_unique<MessagePlan>();
        MessagePlan& plan = *slot;
        plan.type = &type;
        plan.strict = is_own(*type.file()) && !type.options().map_entry();
        for (int i = 0; i < type.field_count(); ++i) {
            const pb::FieldDescriptor& field = *type.field(i);
            FieldPlan entry;
            entry.field = &field;
            entry.index = plan.fields.size();
            if (const auto* oneof = field.real_containing_oneof()) entry.oneof = oneof->index();
            entry.map = field.is_map();
            entry.repeated = field.is_repeated() && !entry.map;
            entry.shape = entry.map ? Shape::message : shape_of(field);
            if (entry.shape == Shape::message || entry.shape == Shape::wrapper) entry.message = &make(*field.message_type());
            plan.fields.push_back(entry);
            plan.by_name.emplace(field.json_name(), entry.index);
            plan.by_name.emplace(field.name(), entry.index);
        }
        return plan;
    }

    std::shared_mutex mutex_;
    std::unordered_map<const pb::Descriptor*, std::unique_ptr<MessagePlan>> plans_;
};

}  // namespace

std::string known_members(const MessagePlan& plan, std::string_view unknown) {
    std::vector<std::string_view> names;
    for (const FieldPlan& field : plan.fields) names.push_back(field.field->json_name());
    return did_you_mean_or_list(unknown, names);
}

bool is_own(const pb::FileDescriptor& file) { return file.package().starts_with("godwit."); }

const MessagePlan& plan_of(const pb::Descriptor& type) {
    static Plans plans;  // a cache of what the linked descriptors say; holds no state of the program
    return plans.get(type);
}

}  // namespace godwit::rpc
