// The only file that includes Beast. Its parser is used bare: it finds the parts of a head, what they mean is decided in head.cc.
#include "transport/http/http1.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"
#include "transport/http/chunked.h"

namespace godwit::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;

constexpr std::string_view kEndOfHead = "\r\n\r\n";

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

/// What is found in a head.
struct HeadSink {
    virtual ~HeadSink() = default;
    virtual void on_request_line(std::string_view method, std::string_view target, int version) = 0;
    virtual void on_field(std::string_view name, std::string_view value) = 0;
};

class HeadParser final : public beast::http::basic_parser<true> {
public:
    HeadParser(HeadSink& sink, std::size_t max_header_bytes) : sink_(sink) {
        header_limit(static_cast<std::uint32_t>(max_header_bytes + kEndOfHead.size()));
        body_limit(boost::none);
        eager(false);  // bodies are ours to read: Beast's chunks can be made to fail an assertion by cutting them in small pieces
    }

private:
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version, error_code&) override {
        sink_.on_request_line(view(method), view(target), version);
    }
    void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value, error_code&) override {
        sink_.on_field(view(name), view(value));
    }
    void on_response_impl(int, beast::string_view, int, error_code&) override {}
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code&) override { return 0; }
    void on_finish_impl(error_code&) override {}

    HeadSink& sink_;
};

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

bool is_ours(std::string_view name) {
    return name == "content-length" || name == "transfer-encoding" || name == "connection" || name == "date" || name == "keep-alive";
}

/// "… HTTP/1.9" at the end of the request line: a version, only not one of ours.
bool names_a_version(std::string_view head) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::string_view version = line.substr(line.size() - std::min<std::size_t>(line.size(), 9));
    return version.size() == 9 && version.starts_with(" HTTP/") && is_ascii_digit(version[6]) && version[7] == '.' &&
           is_ascii_digit(version[8]) && std::ranges::count(line, ' ') == 2;
}

/// A value that a handler made from foreign text must not begin a line of its own.
void append_field(std::string& out, std::string_view name, std::string_view value) {
    const std::size_t start = out.size();
    out.append(name).append(": ").append(value);
    for (std::size_t i = start; i < out.size(); ++i) {
        if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
    }
    out += "\r\n";
}

void append_hex(std::string& out, std::size_t number) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    out.append(digits.data(), end);
}

class Http1 final : public Protocol, private HeadSink {
public:
    explicit Http1(Link& link) : link_(link), options_(link.core.options), waiting_since_(link.now()) {}

    std::size_t receive(std::string_view in) override;
    void end_of_input(bool waiting) override;
    void abandon() override;
    void produce() override;
    bool wants_input() const override { return closing_ || body_done_ || !exchange_ || !exchange_->pipe || !exchange_->pipe->full(); }
    bool finished() const override { return closing_; }
    bool client_may_send() const override { return cut_short_; }
    void tick(SteadyTime now) override;
    void drain() override;
    void answered(Exchange& exchange) override;
    void piece(Exchange& exchange, std::optional<std::string> bytes) override;
    void body_taken(Exchange&, std::size_t) override {}  // the link reads on after every task

private:
    void on_request_line(std::string_view method, std::string_view target, int version) override;
    void on_field(std::string_view name, std::string_view value) override;

    std::size_t receive_head(std::string_view in);
    std::size_t receive_body(std::string_view in);
    bool take_body(std::string_view bytes);
    bool parse_head(std::string_view head);
    void begin_message();
    void end_body();
    void refuse(const Refusal& refusal);
    void write_head(std::optional<std::size_t> length);
    void end_response();
    void next_message();
    bool streaming() const { return std::holds_alternative<std::unique_ptr<BodySource>>(exchange_->response.body); }

    Link& link_;
    const ServerOptions& options_;
    std::string target_;
    std::size_t field_count_ = 0;
    std::size_t searched_ = 0;  ///< bytes at the front of the input that hold no end of a head

    std::shared_ptr<Exchange> exchange_;  ///< set from the end of a head to the end of its response
    std::uint64_t body_left_ = 0;         ///< of a body with a length
    std::optional<ChunkDecoder> chunks_;  ///< of a body without
    PaceKeeper pace_;
    bool body_done_ = false;    ///< nothing more of it will be read
    bool body_failed_ = false;  ///< and it did not arrive whole
    bool chunked_response_ = false;
    bool keep_alive_ = true;
    bool draining_ = false;
    bool input_ended_ = false;
    bool closing_ = false;
    bool cut_short_ = false;  ///< a request was answered before it had arrived whole

    bool first_message_ = true;
    bool head_begun_ = false;
    SteadyTime waiting_since_;  ///< for a head: its first byte, or the end of the message before
};

std::size_t Http1::receive(std::string_view in) {
    std::size_t taken = 0;
    while (!closing_ && taken < in.size() && link_.out.size() < kOutputTarget) {
        std::size_t step = 0;
        if (!exchange_) {
            step = receive_head(in.substr(taken));
        } else if (!body_done_) {
            step = receive_body(in.substr(taken));
        }
        if (step == 0) break;
        taken += step;
    }
    return closing_ ? in.size() : taken;
}

std::size_t Http1::receive_head(std::string_view in) {
    if (!head_begun_) {
        // RFC 9112 section 2.2: an empty line before a request line is passed over.
        if (in.starts_with("\r\n")) return 2;
        if (in == "\r") return 0;
        head_begun_ = true;
        waiting_since_ = link_.now();
    }
    const auto end = in.find(kEndOfHead, searched_);
    const std::size_t length = end == in.npos ? in.size() : end + kEndOfHead.size();
    if (length > options_.max_header_bytes) {
        exchange_ = Exchange::make(link_.shared_from_this());
        refuse({.status = 431, .message = "the request head is too long"});
        return 0;
    }
    if (end == in.npos) {
        searched_ = in.size() < kEndOfHead.size() ? 0 : in.size() - (kEndOfHead.size() - 1);
        return 0;
    }
    exchange_ = Exchange::make(link_.shared_from_this());
    if (parse_head(in.substr(0, length))) begin_message();
    return length;
}

bool Http1::parse_head(std::string_view head) {
    HeadParser parser(*this, options_.max_header_bytes);
    error_code error;
    const std::size_t parsed = parser.put({head.data(), head.size()}, error);
    if (error == beast::http::error::bad_version && names_a_version(head)) {
        refuse({.status = 505, .message = "the HTTP version is not supported"});
    } else if (error || !parser.is_header_done() || parsed != head.size() || !is_unambiguous(head)) {
        refuse({.status = 400, .message = "the request head is malformed"});
    } else if (field_count_ > options_.max_header_fields) {
        refuse({.status = 431, .message = "the request has too many header fields"});
    } else {
        keep_alive_ = parser.keep_alive() && !draining_;
        return true;
    }
    return false;
}

void Http1::on_request_line(std::string_view method, std::string_view target, int version) {
    exchange_->request.method = method;
    exchange_->request.version = version == 10 ? Version::http1_0 : Version::http1_1;
    target_ = target;
    field_count_ = 0;
}

void Http1::on_field(std::string_view name, std::string_view value) {
    if (++field_count_ <= options_.max_header_fields) exchange_->request.headers.add(name, value);
}

void Http1::begin_message() {
    Exchange& exchange = *exchange_;
    const auto framing = read_framing(exchange.request.headers, exchange.request.version);
    if (!framing) return refuse(framing.error());
    if (auto refusal = complete_head(exchange.request, target_, {}, link_.peer, link_.core.trusted)) return refuse(*refusal);
    if (auto refusal = exchange.admit(*framing)) return refuse(*refusal);
    body_left_ = framing->length.value_or(0);
    if (framing->chunked) chunks_.emplace();
    body_done_ = body_left_ == 0 && !chunks_;
    if (!body_done_) {
        pace_.pause();
        pace_.resume(link_.now());
    }
    if (exchange.pipe) {
        if (body_done_) exchange.pipe->finish();
        const auto keep = exchange_;
        exchange.run();
        if (!exchange_ || exchange.answered) return;  // turned away: there is nothing to continue with
    }
    if (framing->expects_continue && !body_done_) link_.out += "HTTP/1.1 100 Continue\r\n\r\n";
    if (body_done_ && !exchange.pipe) end_body();
}

std::size_t Http1::receive_body(std::string_view in) {
    std::string_view rest = in;
    bool whole = false;
    if (!chunks_) {
        rest.remove_prefix(static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, in.size())));
        body_left_ -= in.size() - rest.size();
        whole = body_left_ == 0;
        if (!take_body(in.substr(0, in.size() - rest.size()))) return in.size() - rest.size();
    }
    while (chunks_ && !whole) {
        const auto [event, data] = chunks_->next(rest);
        if (event == ChunkDecoder::Event::more) break;
        whole = event == ChunkDecoder::Event::end;
        if (event == ChunkDecoder::Event::malformed) {
            refuse({.status = 400, .message = "the request body is malformed"});
            return in.size() - rest.size();
        }
        if (event == ChunkDecoder::Event::data && !take_body(data)) return in.size() - rest.size();
    }
    pace_.add(in.size() - rest.size());
    if (whole) end_body();
    return in.size() - rest.size();
}

/// False when the body was refused.
bool Http1::take_body(std::string_view bytes) {
    Exchange& exchange = *exchange_;
    std::optional<Refusal> refusal;
    if (!exchange.pipe) {
        refusal = exchange.add_body(bytes);
    } else if (exchange.body_bytes + bytes.size() > exchange.route.max_body_bytes) {
        refusal = Refusal{.status = 413, .message = "the request body is too long"};
    } else {
        exchange.body_bytes += bytes.size();
        exchange.pipe->push(bytes);
    }
    if (refusal) refuse(*refusal);
    return !refusal;
}

void Http1::end_body() {
    body_done_ = true;
    pace_.pause();
    const auto keep = exchange_;
    if (keep->pipe) {
        keep->pipe->finish();
    } else {
        keep->run();
    }
}

void Http1::refuse(const Refusal& refusal) {
    // Where the next request would begin is not known any more.
    keep_alive_ = false;
    if (exchange_->pipe) {
        const Code code = refusal.status == 413   ? Code::resource_exhausted
                          : refusal.status == 408 ? Code::deadline_exceeded
                                                  : Code::invalid_argument;
        exchange_->pipe->fail({.code = code, .id = std::string(kBodyError), .message = refusal.message});
        body_done_ = body_failed_ = true;  // the handler, which has the request, answers
        return;
    }
    exchange_->refuse(refusal);
    answered(*exchange_);
}

void Http1::answered(Exchange& exchange) {
    if (&exchange != exchange_.get()) return;
    exchange.fit_answer(link_.out.size());
    if (!body_done_ || input_ended_) keep_alive_ = false;
    if (draining_) keep_alive_ = false;
    if (!streaming()) {
        const auto& body = std::get<std::string>(exchange.response.body);
        const bool with_body = exchange.request.method != "HEAD" && !has_no_body(exchange.response.status);
        write_head(has_no_body(exchange.response.status) ? std::nullopt : std::optional(body.size()));
        if (with_body) {
            link_.out.append(body);
            exchange.response_bytes = body.size();
        }
        return end_response();
    }
    chunked_response_ = exchange.request.version == Version::http1_1;
    if (!chunked_response_) keep_alive_ = false;  // the end of the connection is the end of the body
    write_head(std::nullopt);
    if (exchange.request.method == "HEAD" || has_no_body(exchange.response.status)) return end_response();
    exchange.pull();
}

void Http1::write_head(std::optional<std::size_t> length) {
    const Response& response = exchange_->response;
    std::string& out = link_.out;
    const auto status = static_cast<unsigned>(response.status);
    const auto reason = beast::http::obsolete_reason(beast::http::int_to_status(status));
    out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(view(reason)).append("\r\ndate: ").append(link_.date());
    out.append("\r\n");
    for (const auto& [name, value] : response.headers) {
        if (!is_ours(name)) append_field(out, name, value);
    }
    if (length) {
        out.append("content-length: ").append(std::to_string(*length)).append("\r\n");
    } else if (chunked_response_ && !has_no_body(response.status)) {
        out.append("transfer-encoding: chunked\r\n");
    }
    if (!keep_alive_) {
        out.append("connection: close\r\n");
    } else if (exchange_->request.version == Version::http1_0) {
        out.append("connection: keep-alive\r\n");
    }
    out.append("\r\n");
}

void Http1::piece(Exchange& exchange, std::optional<std::string> bytes) {
    if (&exchange != exchange_.get()) return;
    if (!bytes) {
        if (std::get<std::unique_ptr<BodySource>>(exchange.response.body)->failed()) {
            keep_alive_ = false;  // the last chunk never comes: the client sees that something is missing
        } else if (chunked_response_) {
            link_.out += "0\r\n\r\n";
        }
        return end_response();
    }
    exchange.response_bytes += bytes->size();
    if (chunked_response_) {
        append_hex(link_.out, bytes->size());
        link_.out.append("\r\n").append(*bytes).append("\r\n");
    } else {
        link_.out += *bytes;
    }
    produce();
}

void Http1::produce() {
    if (exchange_ && exchange_->answered && streaming() && link_.out.size() < kOutputTarget) exchange_->pull();
}

void Http1::end_response() {
    exchange_->finish();
    exchange_.reset();
    chunked_response_ = false;
    if (keep_alive_) {
        next_message();
    } else {
        closing_ = true;
        cut_short_ = !body_done_ || body_failed_;
    }
}

void Http1::next_message() {
    chunks_.reset();
    searched_ = 0;
    body_done_ = false;
    head_begun_ = false;
    first_message_ = false;
    waiting_since_ = link_.now();
}

void Http1::end_of_input(bool waiting) {
    if (exchange_ && body_done_ && waiting) return;  // pipelined requests are still to be answered
    input_ended_ = true;
    if (!exchange_) {
        closing_ = true;
    } else {
        exchange_->cancel({.code = Code::cancelled, .id = "HTTP-Gone", .message = "the client closed the connection"});
        keep_alive_ = false;
        // A request that did not arrive whole is not answered, unless a handler has it already.
        if (!body_done_ && !exchange_->pipe) {
            exchange_->finish();
            exchange_.reset();
            closing_ = true;
        }
        body_done_ = true;
    }
}

void Http1::abandon() {
    closing_ = true;
    if (!exchange_) return;
    exchange_->cancel({.code = Code::cancelled, .id = "HTTP-Gone", .message = "the connection was lost"});
    exchange_->finish();
    exchange_.reset();
}

void Http1::tick(SteadyTime now) {
    if (closing_) return;
    if (!exchange_) {
        const bool reading = head_begun_ || first_message_;
        if (now - waiting_since_ < (reading ? options_.header_timeout : options_.idle_timeout)) return;
        if (head_begun_) {
            exchange_ = Exchange::make(link_.shared_from_this());
            refuse({.status = 408, .message = "the request head took too long"});
        } else {
            closing_ = true;
        }
        return;
    }
    exchange_->retry_pull();
    if (body_done_) return;
    if (!wants_input() || exchange_->route.body_may_rest) {
        pace_.pause();
    } else if (!pace_.running()) {
        pace_.resume(now);
    } else if (pace_.too_slow(now, options_)) {
        refuse({.status = 408, .message = "the request body came too slowly"});
    }
}

void Http1::drain() {
    draining_ = true;
    if (!exchange_ && !head_begun_) closing_ = true;
}

}  // namespace

std::unique_ptr<Protocol> make_http1(Link& link) { return std::make_unique<Http1>(link); }

}  // namespace godwit::http
