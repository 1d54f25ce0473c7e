#include "transport/rpc/idempotency.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "crypto/running_digest.h"
#include "transport/rpc/gate.h"
#include "transport/rpc/method.h"
#include "transport/rpc/stable_bytes.h"

namespace godwit::rpc {
namespace {

namespace pb = google::protobuf;
using Handler = std::function<Result<void>()>;

constexpr std::string_view kHeader = "idempotency-key", kGatewayHeader = "grpc-metadata-idempotency-key";

/// nullopt: the call has none, or needs none.
Result<std::optional<std::string>> key_of(const Call& call, const Options& options) {
    if (!options.writes() || !call.caller.user || !call.request) return std::nullopt;
    std::optional<std::string> key;
    for (const auto& [name, value] : call.request->headers) {
        if (name != kHeader && name != kGatewayHeader) continue;
        const bool visible = std::ranges::all_of(value, [](char c) { return c > ' ' && c < 0x7F; });
        if (key || value.empty() || value.size() > 255 || !visible) {
            return fail(Code::invalid_argument, "IDEM-Key01", "Idempotency-Key must be one value of 1 to 255 visible ASCII characters");
        }
        key = value;
    }
    return key;
}

/// What makes two calls the same besides their body.
crypto::RunningSha256 begin_fingerprint(const Method& method, const Call& call) {
    crypto::RunningSha256 digest;
    digest.add(method.name);
    digest.add("\n" + std::to_string(call.org_id.key) + "\n");
    return digest;
}

bool is_final(const Error& error) {
    switch (error.code) {
        case Code::cancelled:
        case Code::unknown:
        case Code::deadline_exceeded:
        case Code::resource_exhausted:
        case Code::aborted:
        case Code::internal:
        case Code::unavailable:
        case Code::data_loss:
            return false;
        default:
            return true;
    }
}

// The kept form: 'M' and the response's bytes; or 'E', then code, failed attempts ("-" for none) and id, each ended by a newline, then the
// message.
Outcome keep(const Result<void>& outcome, const pb::Message& response) {
    if (outcome) return {"M" + response.SerializeAsString(), true};
    const Error& error = outcome.error();
    const std::string failed = error.failed_attempts ? std::to_string(*error.failed_attempts) : "-";
    return {"E" + std::to_string(static_cast<int>(error.code)) + "\n" + failed + "\n" + error.id + "\n" + error.message, is_final(error)};
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    return problem == std::errc() && end == text.data() + text.size();
}

Result<void> restore(std::string_view kept, pb::Message& response) {
    const auto damaged = [] { return fail(Code::data_loss, "IDEM-Form5", "the answer kept under this Idempotency-Key cannot be read"); };
    const auto next_line = [&kept] {
        const auto end = kept.find('\n');
        const auto line = kept.substr(0, end);
        kept = end == kept.npos ? std::string_view() : kept.substr(end + 1);
        return line;
    };
    if (kept.empty()) return damaged();
    const char kind = kept.front();
    kept.remove_prefix(1);
    if (kind == 'M') {
        if (!response.ParseFromArray(kept.data(), static_cast<int>(kept.size()))) return damaged();
        return {};
    }
    Error error;
    int code = 0;
    if (kind != 'E' || !read_number(next_line(), code) || code < 1 || code > 16) return damaged();
    error.code = static_cast<Code>(code);
    if (const auto failed = next_line(); failed != "-" && !read_number(failed, error.failed_attempts.emplace())) return damaged();
    error.id = next_line();
    error.message = kept;
    return fail(std::move(error));
}

Result<void> run_keyed(Idempotency& idempotency, KeyedCall keyed, const Handler& handler, pb::Message& response) {
    std::optional<Result<void>> ran;
    const auto kept = TRY(idempotency.once(keyed, [&] {
        ran = handler();
        return keep(*ran, response);
    }));
    return ran ? *std::move(ran) : restore(kept, response);
}

/// Hands a body on and takes its digest.
class DigestedBody final : public http::BodyStream {
public:
    DigestedBody(http::BodyStream& body, crypto::RunningSha256 digest) : body_(body), digest_(std::move(digest)) {}

    Result<std::string> read() override {
        begun_ = true;
        return next();
    }

    /// Reads what nobody has read, unless somebody is still at it.
    Result<std::string> sha256() {
        if (begun_ && !ended_) return fail(Code::internal, "RPC-Str3b", "the handler wrote before it had read its body");
        while (!ended_) TRY(next());
        return digest_.value();
    }

private:
    Result<std::string> next() {
        auto piece = TRY(body_.read());
        ended_ = piece.empty();
        digest_.add(piece);
        return piece;
    }

    http::BodyStream& body_;
    crypto::RunningSha256 digest_;
    bool begun_ = false, ended_ = false;
};

}  // namespace

Result<void> run_once(Idempotency* idempotency, const Method& method, const Call& call, const pb::Message& request, pb::Message& response) {
    const Handler handler = [&] { return method.handler(call, request, response); };
    auto key = idempotency ? TRY(key_of(call, method.options)) : std::nullopt;
    if (!key) return handler();
    const auto fingerprint = [&]() -> Result<std::string> {
        auto digest = begin_fingerprint(method, call);
        digest.add(stable_bytes(request));
        return digest.value();
    };
    return run_keyed(*idempotency, {call.instance, call.caller.user, *std::move(key), fingerprint}, handler, response);
}

Result<void> run_stream_once(Idempotency* idempotency, const Method& method, const Call& call, const pb::Message& head,
                             http::BodyStream& body, pb::Message& response) {
    auto key = idempotency ? TRY(key_of(call, method.stream_options)) : std::nullopt;
    if (!key) return method.streamed(call, head, body, response);
    DigestedBody digested(body, begin_fingerprint(method, call));
    return run_keyed(
        *idempotency, {call.instance, call.caller.user, *std::move(key), [&] { return digested.sha256(); }},
        [&] { return method.streamed(call, head, digested, response); }, response);
}

}  // namespace godwit::rpc
