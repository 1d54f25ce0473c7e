// Puts one value into a field, whether it is singular or a list, with the range checks of its type.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "transport/rpc/message_plan.h"

namespace godwit::rpc {

class FieldWriter {
public:
    FieldWriter(google::protobuf::Message& message, const FieldPlan& plan)
        : message_(message), reflection_(*message.GetReflection()), field_(plan.field), add_(plan.repeated) {}

    void boolean(bool v) { add_ ? reflection_.AddBool(&message_, field_, v) : reflection_.SetBool(&message_, field_, v); }
    void int64(std::int64_t v) { add_ ? reflection_.AddInt64(&message_, field_, v) : reflection_.SetInt64(&message_, field_, v); }
    void uint64(std::uint64_t v) { add_ ? reflection_.AddUInt64(&message_, field_, v) : reflection_.SetUInt64(&message_, field_, v); }
    bool int32(std::int64_t v) {
        if (v < std::numeric_limits<std::int32_t>::min() || v > std::numeric_limits<std::int32_t>::max()) return false;
        const auto n = static_cast<std::int32_t>(v);
        add_ ? reflection_.AddInt32(&message_, field_, n) : reflection_.SetInt32(&message_, field_, n);
        return true;
    }
    bool uint32(std::uint64_t v) {
        if (v > std::numeric_limits<std::uint32_t>::max()) return false;
        const auto n = static_cast<std::uint32_t>(v);
        add_ ? reflection_.AddUInt32(&message_, field_, n) : reflection_.SetUInt32(&message_, field_, n);
        return true;
    }
    void float64(double v) { add_ ? reflection_.AddDouble(&message_, field_, v) : reflection_.SetDouble(&message_, field_, v); }
    bool float32(double v) {
        if (std::isfinite(v) && std::abs(v) > std::numeric_limits<float>::max()) return false;
        const auto n = static_cast<float>(v);
        add_ ? reflection_.AddFloat(&message_, field_, n) : reflection_.SetFloat(&message_, field_, n);
        return true;
    }
    /// Strings and bytes.
    void text(std::string v) {
        add_ ? reflection_.AddString(&message_, field_, std::move(v)) : reflection_.SetString(&message_, field_, std::move(v));
    }
    /// Numbers outside the enum are kept (proto3 enums are open); validate.rules decide on them.
    bool enumeration(std::int64_t v) {
        if (v < std::numeric_limits<std::int32_t>::min() || v > std::numeric_limits<std::int32_t>::max()) return false;
        const auto n = static_cast<int>(v);
        add_ ? reflection_.AddEnumValue(&message_, field_, n) : reflection_.SetEnumValue(&message_, field_, n);
        return true;
    }
    google::protobuf::Message& message() {
        return add_ ? *reflection_.AddMessage(&message_, field_) : *reflection_.MutableMessage(&message_, field_);
    }

private:
    google::protobuf::Message& message_;
    const google::protobuf::Reflection& reflection_;
    const google::protobuf::FieldDescriptor* field_;
    bool add_;
};

}  // namespace godwit::rpc
