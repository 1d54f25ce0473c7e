#include "transport/rpc/openapi.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "transport/http/cors.h"
#include "transport/rpc/json_schema.h"
#include "transport/rpc/registry.h"
#include "transport/rpc/registry_impl.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

using Direction = JsonSchemas::Direction;

constexpr std::string_view kDescription =
    "The REST form of the API. The same calls are served as gRPC on the same port.\n\n"
    "Bodies are JSON as protobuf has it. Names are lowerCamelCase; the snake_case names of the .proto files are read too. "
    "64-bit integers are strings, and read from numbers too; enum values go by name, and are read from their numbers too; "
    "durations look like \"1.5s\", times are RFC 3339, bytes are base64 in either alphabet. "
    "A member with its default value is left out of answers; null in a request means that a member is not there. "
    "Members with unknown names and unknown names of enum values are ignored, but for the services of packages that begin with `godwit.`, "
    "where they are errors; a member given twice is an error. No string may hold NUL.";

std::string json_array_of(std::span<const std::string> objects) {
    std::string out = "[";
    for (const auto& object : objects) out += (out.size() > 1 ? "," : "") + object;
    return out += ']';
}

JsonObject described(std::string_view description) {
    JsonObject out;
    out.set("description", description);
    return out;
}

JsonObject content_of(std::string_view media_type, const JsonObject& schema) {
    JsonObject media, out;
    media.set("schema", schema);
    out.set(media_type, media);
    return out;
}

JsonObject refers(std::string_view where) {
    JsonObject out;
    out.set("$ref", "#/components/" + std::string(where));
    return out;
}

/// "user_id" of the field path "user_id", "listQuery.offset" of "list_query.offset".
std::string json_path(const pb::Descriptor& root, std::string_view field_path) {
    std::string out;
    const pb::Descriptor* type = &root;
    for (const auto step : split(field_path, '.')) {
        const auto* field = type->FindFieldByName(std::string(step));
        out += (out.empty() ? "" : ".") + field->json_name();
        type = field->message_type();
    }
    return out;
}

/// The field at the end of a path, with the type it stands in.
std::pair<const pb::Descriptor*, const FieldPlan*> field_at(const pb::Descriptor& root, std::string_view field_path) {
    const pb::Descriptor* type = &root;
    const FieldPlan* plan = nullptr;
    for (const auto step : split(field_path, '.')) {
        if (plan) type = plan->message->type;
        plan = plan_of(*type).find(step);
    }
    return {type, plan};
}

/// Two templates that differ in the names of their variables only are one path to OpenAPI.
std::string shape_of(const PathTemplate& path) {
    std::string out;
    for (const auto& segment : path.segments) out += "/" + (segment.kind == PathTemplate::Kind::literal ? segment.text : "{}");
    return out;
}

class Document {
public:
    std::string make(const std::map<std::string, Method, std::less<>>& methods, std::string_view version) {
        for (const auto& [name, method] : methods) {
            for (std::size_t i = 0; i < method.bindings.size(); ++i) add(method, method.bindings[i], i);
        }
        JsonObject out, info, server, security;
        out.set("openapi", "3.1.0");
        info.set("title", "Godwit");
        info.set("version", version);
        info.set("description", kDescription);
        info.set_json("license", R"({"name":"Apache-2.0","identifier":"Apache-2.0"})");
        out.set("info", info);
        out.set_json("servers", R"([{"url":"/"}])");
        out.set_json("security", R"([{"token":[]}])");
        out.set_json("tags", tags());
        out.set("paths", paths());
        out.set("components", components());
        return out.text();
    }

private:
    struct Path {
        std::string text;  ///< "/v2/users/{userId}"
        std::vector<std::string> names;
        JsonObject operations;
    };

    void add(const Method& method, const RestBinding& binding, std::size_t number) {
        auto& path = paths_[shape_of(binding.path)];
        if (path.text.empty()) name_path(method, binding, path);
        path.operations.set(to_ascii_lower(binding.verb), operation(method, binding, number, path.names));
        tags_.insert(method.descriptor->service()->full_name());
    }

    static void name_path(const Method& method, const RestBinding& binding, Path& path) {
        for (const auto& segment : binding.path.segments) {
            const bool literal = segment.kind == PathTemplate::Kind::literal;
            if (!literal) path.names.push_back(json_path(*method.descriptor->input_type(), segment.text));
            path.text += "/" + (literal ? segment.text : "{" + path.names.back() + "}");
        }
    }

    JsonObject operation(const Method& method, const RestBinding& binding, std::size_t number, const std::vector<std::string>& names) {
        const auto& declared = *method.descriptor;
        const Options& options = method.streamed ? method.stream_options : method.options;
        const bool is_public = options.rule.kind == Rule::Kind::anyone;
        JsonObject out;
        // Names of methods repeat from service to service, and versions of a service live side by side.
        out.set("operationId", declared.full_name() + (number == 0 ? "" : "." + std::to_string(number + 1)));
        out.set("summary", declared.name());
        out.set("description", permission_text(method, options));
        out.set_json("tags", json_array(std::vector{declared.service()->full_name()}));
        if (declared.options().deprecated()) out.set("deprecated", true);
        if (is_public) out.set_json("security", "[]");
        const auto parameters = parameters_of(method, binding, names, is_public);
        if (!parameters.empty()) out.set_json("parameters", json_array_of(parameters));
        if (method.client_streams) {
            out.set("requestBody", stream_body(method));
        } else if (binding.body != RestBinding::Body::none) {
            out.set("requestBody", request_body(method, binding, options));
        }
        out.set("responses", responses(method, is_public));
        return out;
    }

    static std::string permission_text(const Method& method, const Options& options) {
        switch (options.rule.kind) {
            case Rule::Kind::anyone:
                return "Needs no token.";
            case Rule::Kind::caller:
                return "Any valid token; acts on its user.";
            case Rule::Kind::handler:
                return "Any valid token, and: " + options.rule.why + ".";
            case Rule::Kind::contract:
                break;
        }
        return "Needs the permission " + method.permission + ".";
    }

    std::vector<std::string> parameters_of(const Method& method, const RestBinding& binding, const std::vector<std::string>& names,
                                           bool is_public) {
        std::vector<std::string> out;
        const auto& type = *method.descriptor->input_type();
        for (std::size_t i = 0; i < binding.variables.size(); ++i) {
            const auto [owner, plan] = field_at(type, binding.variables[i]);
            JsonObject parameter;
            parameter.set("name", names[i]);
            parameter.set("in", "path");
            parameter.set("required", true);
            parameter.set("schema", schemas_.field(*plan, *owner, Direction::request));
            out.push_back(parameter.text());
        }
        if (binding.body != RestBinding::Body::whole) {
            std::set<const pb::Descriptor*> way;
            add_query(type, "", "", true, binding.bound, way, out);
        }
        // The services of version 2 name the organization in the request.
        const bool is_v1 = !base_path(method.descriptor->service()->full_name()).empty();
        if (is_v1 && !is_public) out.push_back(refers("parameters/Organization").text());
        return out;
    }

    /// Each field that a query can set, by its dotted path. `given` says that the message is there in any case, so that what it requires
    /// is required.
    void add_query(const pb::Descriptor& type, const std::string& prefix, const std::string& json_prefix, bool given,
                   const std::vector<std::string>& bound, std::set<const pb::Descriptor*>& way, std::vector<std::string>& out) {
        if (!way.insert(&type).second) return;  // a type within itself
        for (const FieldPlan& plan : plan_of(type).fields) {
            const std::string name = prefix + plan.field->name(), json_name = json_prefix + plan.field->json_name();
            if (std::ranges::find(bound, name) != bound.end() || plan.map) continue;
            if (plan.shape == Shape::message) {
                if (!plan.repeated) add_query(*plan.message->type, name + ".", json_name + ".", false, bound, way, out);
                continue;
            }
            if (plan.shape == Shape::structure || plan.shape == Shape::value || plan.shape == Shape::list_value) continue;
            JsonObject parameter;
            parameter.set("name", json_name);
            parameter.set("in", "query");
            if (given && JsonSchemas::is_required(type, *plan.field)) parameter.set("required", true);
            parameter.set("schema", schemas_.field(plan, type, Direction::request));
            out.push_back(parameter.text());
        }
        way.erase(&type);
    }

    JsonObject request_body(const Method& method, const RestBinding& binding, const Options& options) {
        const auto& type = *method.descriptor->input_type();
        JsonObject schema;
        bool required = false;
        if (binding.body == RestBinding::Body::field) {
            const auto [owner, plan] = field_at(type, binding.body_field->name());
            schema = schemas_.field(*plan, *owner, Direction::request);
            required = JsonSchemas::is_required(*owner, *binding.body_field);
        } else {
            schema = schemas_.message(type, Direction::request, binding.variables);
            required = schema.has("required");
        }
        JsonObject out = described("At most " + std::to_string(options.max_request_bytes) + " bytes.");
        out.set("required", required);
        out.set("content", content_of("application/json", schema));
        return out;
    }

    /// What a line holds is the message that a request repeats.
    JsonObject stream_body(const Method& method) {
        const auto& type = *method.descriptor->input_type();
        JsonObject out = described("Lines of JSON (NDJSON), as many as there are.");
        out.set("required", true);
        for (int i = 0; i < type.field_count(); ++i) {
            const auto* field = type.field(i);
            if (field->is_repeated() && field->message_type())
                out.set("content", content_of("application/x-ndjson", schemas_.reference(*field->message_type(), Direction::request)));
        }
        return out;
    }

    JsonObject responses(const Method& method, bool is_public) {
        JsonObject out, success = described(!method.answers ? "Done." : "The answers, one after the other.");
        const char* const media = !method.answers                                    ? "application/json"
                                  : method.options.rest_stream == RestStream::events ? "text/event-stream"
                                                                                     : "application/x-ndjson";
        success.set("content", content_of(media, schemas_.reference(*method.descriptor->output_type(), Direction::response)));
        out.set(std::to_string(method.success_status), success);
        const JsonObject error = refers("responses/Error");
        out.set("400", error);
        if (!is_public) {
            out.set("401", error);
            out.set("403", error);
        }
        out.set("default", error);
        return out;
    }

    std::string tags() const {
        std::vector<std::string> out;
        for (const auto& service : tags_) {
            JsonObject tag;
            tag.set("name", service);
            out.push_back(tag.text());
        }
        return json_array_of(out);
    }

    JsonObject paths() const {
        std::map<std::string, const Path*> sorted;
        for (const auto& [shape, path] : paths_) sorted.emplace(path.text, &path);
        JsonObject out;
        for (const auto& [text, path] : sorted) out.set(text, path->operations);
        return out;
    }

    JsonObject components() {
        JsonObject out, schemas = schemas_.components(), responses, parameters, security;
        schemas.set_json("Error", R"({"type":"object","required":["code","message"],"properties":{)"
                                  R"("code":{"type":"integer","minimum":1,"maximum":16,"description":"one of gRPC's canonical codes"},)"
                                  R"("message":{"type":"string","description":"for people; ends with the id in brackets"},)"
                                  R"("details":{"type":"array","items":{"type":"object","required":["@type"],"properties":{)"
                                  R"("@type":{"type":"string"},"id":{"type":"string","description":"stable; what programs compare"},)"
                                  R"("message":{"type":"string"}}}}}})");
        JsonObject reference, error = described("What went wrong. 429 and 503 come with Retry-After.");
        reference.set("$ref", "#/components/schemas/Error");
        error.set("content", content_of("application/json", reference));
        responses.set("Error", error);
        parameters.set_json("Organization",
                            R"({"name":"x-zitadel-orgid","in":"header","schema":{"type":"string","maxLength":200},)"
                            R"("description":"The id of the organization that the call is about; without it, the caller's own."})");
        security.set_json("token", R"({"type":"http","scheme":"bearer",)"
                                   R"("description":"An access token, or a personal access token of a machine user."})");
        out.set("schemas", schemas);
        out.set("responses", responses);
        out.set("parameters", parameters);
        out.set("securitySchemes", security);
        return out;
    }

    JsonSchemas schemas_;
    std::map<std::string, Path> paths_;  ///< by shape
    std::set<std::string> tags_;
};

}  // namespace

struct OpenApi::Impl {
    const std::map<std::string, Method, std::less<>>& methods;
    const std::string version;
    std::once_flag once;
    std::string text, etag;

    void make() {
        std::call_once(once, [this] {
            text = Document().make(methods, version);
            etag = '"' + hex_encode(crypto::sha256(text).substr(0, 16)) + '"';
        });
    }

    http::Response answer(const http::Request& request) {
        make();
        http::Response response;
        if (knows(request.headers.get("if-none-match"))) {
            response.status = 304;
        } else {
            response = http::text_response(200, text, "application/json");
        }
        response.headers.set("etag", etag);
        response.headers.set("cache-control", "public, max-age=300");
        http::add_cors(request, http::api_cors(), response);
        return response;
    }

    /// RFC 9110 section 13.1.2: a list of tags, compared weakly, or "*".
    bool knows(std::string_view if_none_match) const {
        for (auto tag : split(if_none_match, ',')) {
            tag = trim(tag);
            if (tag.starts_with("W/")) tag.remove_prefix(2);
            if (tag == "*" || tag == etag) return true;
        }
        return false;
    }
};

OpenApi::OpenApi(const Registry& registry, std::string version)
    : impl_(std::make_unique<Impl>(registry.impl_->methods, std::move(version))) {}
OpenApi::~OpenApi() = default;

std::optional<http::Route> OpenApi::route(const http::Request& request) const {
    if (request.path != "/openapi.json" || (request.method != "GET" && request.method != "HEAD")) return std::nullopt;
    // Making it takes longer than an I/O thread should.
    return http::Route{.lane = Lane::read, .max_body_bytes = 0, .handle = [this](http::Request& asked) { return impl_->answer(asked); }};
}

}  // namespace godwit::rpc
