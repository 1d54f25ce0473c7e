#include "transport/rpc/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <set>
#include <string>

#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

const pb::DescriptorPool& pool() { return *pb::DescriptorPool::generated_pool(); }

/// A file and all it imports, each once, the file first.
void collect(const pb::FileDescriptor& file, std::vector<const pb::FileDescriptor*>& out) {
    if (std::ranges::find(out, &file) != out.end()) return;
    out.push_back(&file);
    for (int i = 0; i < file.dependency_count(); ++i) collect(*file.dependency(i), out);
}

/// The two versions differ in their package alone.
template <class Request, class Response>
class Reflection {
public:
    explicit Reflection(const Registry& registry) : registry_(registry) {}

    Result<void> answer(const Request& asked, Response& out) const {
        out.set_valid_host(asked.host());
        *out.mutable_original_request() = asked;
        switch (asked.message_request_case()) {
            case Request::kFileByFilename:
                say_file(pool().FindFileByName(asked.file_by_filename()), out);
                break;
            case Request::kFileContainingSymbol:
                say_file(pool().FindFileContainingSymbol(asked.file_containing_symbol()), out);
                break;
            case Request::kFileContainingExtension:
                say_extension(asked.file_containing_extension().containing_type(), asked.file_containing_extension().extension_number(),
                              out);
                break;
            case Request::kAllExtensionNumbersOfType:
                say_extension_numbers(asked.all_extension_numbers_of_type(), out);
                break;
            case Request::kListServices:
                say_services(out);
                break;
            case Request::MESSAGE_REQUEST_NOT_SET:
                say_error(Code::invalid_argument, "the request asks nothing", out);
                break;
        }
        return {};
    }

private:
    static void say_error(Code code, std::string_view message, Response& out) {
        out.mutable_error_response()->set_error_code(static_cast<int>(code));
        out.mutable_error_response()->set_error_message(std::string(message));
    }

    static void say_file(const pb::FileDescriptor* file, Response& out) {
        if (!file) return say_error(Code::not_found, "no such file or symbol", out);
        std::vector<const pb::FileDescriptor*> files;
        collect(*file, files);
        for (const auto* each : files) {
            pb::FileDescriptorProto proto;
            each->CopyTo(&proto);
            out.mutable_file_descriptor_response()->add_file_descriptor_proto(proto.SerializeAsString());
        }
    }

    static void say_extension(const std::string& type_name, int number, Response& out) {
        const auto* type = pool().FindMessageTypeByName(type_name);
        const auto* extension = type ? pool().FindExtensionByNumber(type, number) : nullptr;
        say_file(extension ? extension->file() : nullptr, out);
    }

    static void say_extension_numbers(const std::string& type_name, Response& out) {
        const auto* type = pool().FindMessageTypeByName(type_name);
        if (!type) return say_error(Code::not_found, "no such message", out);
        std::vector<const pb::FieldDescriptor*> extensions;
        pool().FindAllExtensions(type, &extensions);
        auto& answer = *out.mutable_all_extension_numbers_response();
        answer.set_base_type_name(type_name);
        for (const auto* extension : extensions) answer.add_extension_number(extension->number());
    }

    void say_services(Response& out) const {
        for (const auto& name : registry_.services()) out.mutable_list_services_response()->add_service()->set_name(name);
    }

    const Registry& registry_;
};

template <class Request, class Response>
void register_version(Registry& registry, std::string_view method) {
    registry.on(
        method, {.lane = Lane::read, .rule = Rule::anyone(), .max_request_bytes = 64u << 10, .any_host = true},
        [reflection = Reflection<Request, Response>(registry)](const Call&, const Request& request, Response& response) -> Result<void> {
            return reflection.answer(request, response);
        });
}

}  // namespace

void register_reflection(Registry& registry) {
    namespace v1 = ::grpc::reflection::v1;
    namespace v1alpha = ::grpc::reflection::v1alpha;
    register_version<v1::ServerReflectionRequest, v1::ServerReflectionResponse>(registry,
                                                                                "grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
    register_version<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>(
        registry, "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
}

}  // namespace godwit::rpc
