#include "transport/rpc/grpc_web.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"

namespace godwit::rpc::grpc_web {
namespace {

constexpr char kTrailerFlag = '\x80';

std::string_view content_type_of(Form form) { return form == Form::text ? "application/grpc-web-text" : "application/grpc-web+proto"; }

std::string encode(Form form, std::string bytes) { return form == Form::text ? base64_encode(bytes) : bytes; }

bool is_status(std::string_view name) { return name == "grpc-status" || name == "grpc-message" || name == "grpc-status-details-bin"; }

/// The frame that ends the body: an HTTP/1 header block of what would be trailers.
std::string trailer_frame(const http::Headers& trailers) {
    std::string block;
    for (const auto& [name, value] : trailers) block += name + ": " + value + "\r\n";
    const auto length = static_cast<std::uint32_t>(block.size());
    return std::string{kTrailerFlag, static_cast<char>(length >> 24), static_cast<char>(length >> 16), static_cast<char>(length >> 8),
                       static_cast<char>(length)} +
           block;
}

/// A stream of frames, and its trailers as one more.
class WebSource final : public http::BodySource {
public:
    WebSource(Form form, std::unique_ptr<http::BodySource> frames) : form_(form), frames_(std::move(frames)) {}

    std::optional<std::string> next() override {
        if (ended_) return std::nullopt;
        auto piece = frames_->next();
        ended_ = !piece;
        return encode(form_, piece ? *std::move(piece) : trailer_frame(frames_->trailers()));
    }
    void on_start(std::function<void()> wake) override { frames_->on_start(std::move(wake)); }
    bool failed() const override { return frames_->failed(); }

private:
    const Form form_;
    const std::unique_ptr<http::BodySource> frames_;
    bool ended_ = false;
};

}  // namespace

std::optional<Form> parse_content_type(std::string_view content_type) {
    const auto type = to_ascii_lower(trim(content_type.substr(0, content_type.find(';'))));
    if (type == "application/grpc-web" || type == "application/grpc-web+proto") return Form::binary;
    if (type == "application/grpc-web-text" || type == "application/grpc-web-text+proto") return Form::text;
    return std::nullopt;
}

Result<std::string> decode_text(std::string_view text) {
    const auto refused = [] { return fail(Code::invalid_argument, "", "the body is not base64"); };
    std::string out;
    out.reserve(text.size() / 4 * 3);
    // A piece ends with its padding, and has a multiple of four characters.
    while (!text.empty()) {
        std::size_t end = std::min(text.find('='), text.size());
        end = std::min((end + 3) / 4 * 4, text.size());
        if (end == 0) return refused();
        const auto piece = base64_decode(text.substr(0, end));
        if (!piece) return refused();
        out += *piece;
        text.remove_prefix(end);
    }
    return out;
}

Result<void> unwrap(Form form, http::Request& request) {
    if (form == Form::text) request.body = TRY(decode_text(request.body));
    return {};
}

http::Response wrap(Form form, http::Response response) {
    http::Headers head, trailers = std::move(response.trailers);
    // Proxies and browsers hand trailers-only answers on less surely than a body.
    for (const auto& [name, value] : response.headers) (is_status(name) ? trailers : head).add(name, value);
    head.set("content-type", content_type_of(form));
    response.headers = std::move(head);
    response.trailers = {};
    if (auto* bytes = std::get_if<std::string>(&response.body)) {
        response.body = encode(form, std::move(*bytes) + trailer_frame(trailers));
    } else {
        response.body = std::make_unique<WebSource>(form, std::move(std::get<std::unique_ptr<http::BodySource>>(response.body)));
    }
    return response;
}

}  // namespace godwit::rpc::grpc_web
