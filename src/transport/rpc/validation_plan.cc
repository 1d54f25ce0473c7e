#include "transport/rpc/validation_plan.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "validate/validate.pb.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

/// protoc-gen-go's name of a field: "user_id" is UserId, "u2f_id" is U2FId.
std::string go_name(std::string_view name) {
    std::string out;
    bool upper = true;
    for (const char c : name) {
        if (c == '_') {
            upper = true;
            continue;
        }
        out += upper ? ascii_upper(c) : c;
        upper = is_ascii_digit(c);
    }
    return out;
}

/// Nested types are joined by "_".
std::string go_name(const pb::Descriptor& type) {
    return type.containing_type() ? go_name(*type.containing_type()) + "_" + type.name() : type.name();
}

[[noreturn]] void unknown_rule(const pb::FieldDescriptor& field, const pb::Message& rules) {
    std::fprintf(stderr, "rpc: %s has a rule that transport/rpc/validate.cc does not know: %s\n", field.full_name().c_str(),
                 rules.ShortDebugString().c_str());
    std::abort();
}

/// The fields set in a rules message must all be among those we read; `known` holds their names.
void expect_only(const pb::FieldDescriptor& field, const pb::Message& rules, std::initializer_list<std::string_view> known) {
    std::vector<const pb::FieldDescriptor*> set;
    rules.GetReflection()->ListFields(rules, &set);
    for (const auto* rule : set) {
        if (std::find(known.begin(), known.end(), rule->name()) == known.end()) unknown_rule(field, rules);
    }
    if (rules.GetReflection()->GetUnknownFields(rules).field_count() > 0) unknown_rule(field, rules);
}

std::int64_t nanoseconds(const pb::Duration& duration) { return duration.seconds() * 1'000'000'000 + duration.nanos(); }

ValueRules read_value_rules(const pb::FieldDescriptor& field, const ::validate::FieldRules& rules) {
    ValueRules out;
    expect_only(field, rules, {"message", "bool", "string", "bytes", "enum", "repeated", "duration"});
    out.required = rules.message().required();
    if (rules.has_string()) {
        const auto& r = rules.string();
        expect_only(field, r, {"len", "min_len", "max_len", "max_bytes", "prefix", "email", "ignore_empty"});
        if (r.has_min_len()) out.min_length = r.min_len();
        if (r.has_max_len()) out.max_length = r.max_len();
        if (r.has_len()) {
            out.min_length = out.max_length = r.len();
            out.exact_length = true;
        }
        if (r.has_max_bytes()) out.max_bytes = r.max_bytes();
        out.prefix = r.prefix();
        out.email = r.email();
        out.ignore_empty = r.ignore_empty();
    } else if (rules.has_bytes()) {
        const auto& r = rules.bytes();
        expect_only(field, r, {"min_len", "max_len"});
        if (r.has_min_len()) out.min_length = r.min_len();
        if (r.has_max_len()) out.max_length = r.max_len();
    } else if (rules.has_bool_()) {
        expect_only(field, rules.bool_(), {"const"});
        if (rules.bool_().has_const_()) out.equals = rules.bool_().const_();
    } else if (rules.has_enum_()) {
        expect_only(field, rules.enum_(), {"defined_only", "not_in"});
        out.defined_only = rules.enum_().defined_only();
        out.not_in.assign(rules.enum_().not_in().begin(), rules.enum_().not_in().end());
    } else if (rules.has_duration()) {
        const auto& r = rules.duration();
        expect_only(field, r, {"lte", "gt", "gte"});
        if (r.has_lte()) out.lte = nanoseconds(r.lte());
        if (r.has_gt()) out.gt = nanoseconds(r.gt());
        if (r.has_gte()) out.gte = nanoseconds(r.gte());
    }
    return out;
}

class Plans {
public:
    explicit Plans(Checks checks) : checks_(checks) {}

    const ValidationPlan& get(const pb::Descriptor& type) {
        {
            const std::shared_lock lock(mutex_);
            if (const auto found = plans_.find(&type); found != plans_.end()) return *found->second;
        }
        const std::unique_lock lock(mutex_);
        return make(type);
    }

private:
    const ValidationPlan& make(const pb::Descriptor& type) {
        auto& slot = plans_[&type];
        if (slot) return *slot;
        slot = std::make_unique<ValidationPlan>();
        ValidationPlan& plan = *slot;
        plan.name = go_name(type);
        unfinished_.insert(&plan);
        for (int i = 0; i < type.field_count(); ++i) {
            const auto& field = *type.field(i);
            if (!field.real_containing_oneof()) add(field, field.containing_oneof() ? plan.optionals : plan.fields);
        }
        for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
            OneofRules oneof;
            oneof.oneof = type.oneof_decl(i);
            oneof.name = go_name(oneof.oneof->name());
            oneof.required = oneof.oneof->options().GetExtension(::validate::required);
            for (int m = 0; m < oneof.oneof->field_count(); ++m) add(*oneof.oneof->field(m), oneof.members);
            if (oneof.required || !oneof.members.empty()) plan.oneofs.push_back(std::move(oneof));
        }
        unfinished_.erase(&plan);
        return plan;
    }

    void add(const pb::FieldDescriptor& field, std::vector<FieldRules>& fields) {
        FieldRules rules = read(field);
        const bool ruled = field.options().HasExtension(::validate::rules) || (rules.message && looks_at_something(*rules.message));
        if (checks_ == Checks::all || ruled) fields.push_back(std::move(rules));
    }
    /// A type that holds itself is asked while it is read: then it may.
    bool looks_at_something(const ValidationPlan& plan) const {
        return !plan.fields.empty() || !plan.oneofs.empty() || !plan.optionals.empty() || unfinished_.contains(&plan);
    }

    FieldRules read(const pb::FieldDescriptor& field) {
        FieldRules out;
        out.field = &field;
        out.name = go_name(field.name());
        const auto* type = field.message_type();
        if (type && type->file()->package() != "google.protobuf") out.message = &make(*type);
        const auto& rules = field.options().GetExtension(::validate::rules);
        out.value = read_value_rules(field, rules);
        if (rules.has_repeated()) {
            expect_only(field, rules.repeated(), {"min_items", "max_items", "items"});
            if (rules.repeated().has_min_items()) out.min_items = rules.repeated().min_items();
            if (rules.repeated().has_max_items()) out.max_items = rules.repeated().max_items();
            out.value = read_value_rules(field, rules.repeated().items());
        }
        return out;
    }

    const Checks checks_;
    std::shared_mutex mutex_;
    std::unordered_map<const pb::Descriptor*, std::unique_ptr<ValidationPlan>> plans_;
    std::unordered_set<const ValidationPlan*> unfinished_;
};

}  // namespace

const ValidationPlan& validation_plan_of(const pb::Descriptor& type, Checks checks) {
    static Plans all(Checks::all),
        rules_only(Checks::rules_only);  // caches of what the linked descriptors say; hold no state of the program
    return (checks == Checks::all ? all : rules_only).get(type);
}

}  // namespace godwit::rpc
