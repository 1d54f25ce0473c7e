// The only file that includes nghttp2, which does frames, HPACK, flow control and the rules of header fields.
#include "transport/http/http2.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "base/wiped_memory.h"
#include "transport/http/allowance.h"
#include "transport/http/ended_streams.h"

namespace godwit::http {
namespace {

constexpr std::int32_t kStreamWindow = BodyPipe::kCapacity;
constexpr std::int32_t kConnectionWindow = 1 << 20;
/// Streams that a client may waste (reset before they are answered, or break by a bad frame): a burst, and so many a second.
constexpr double kWasteBurst = 200, kWastePerSecond = 50;
/// So many bytes of a head that was read for nothing weigh as much as a stream.
constexpr double kWastedHead = 2'048;
/// Frames that carry nothing and cost an answer or a look: PING, SETTINGS, PRIORITY, empty DATA. Clients that measure round trips
/// send one for each.
constexpr double kControlBurst = 5'000, kControlPerSecond = 1'000;

const Error kGone{.code = Code::cancelled, .id = "HTTP-Gone", .message = "the client cancelled the request"};

std::string_view view(const std::uint8_t* bytes, std::size_t length) { return {reinterpret_cast<const char*>(bytes), length}; }
std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); }

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

/// RFC 9113 section 8.2.2: fields of a connection have no place in HTTP/2; lengths and dates are made here.
bool is_ours(std::string_view name) {
    return name == "content-length" || name == "transfer-encoding" || name == "connection" || name == "date" || name == "keep-alive" ||
           name == "upgrade" || name == "proxy-connection";
}

/// A header list in nghttp2's form; views into what was added, which must outlive it.
class Fields {
public:
    void add(std::string_view name, std::string_view value) {
        if (nghttp2_check_header_value(bytes_of(value), value.size()) == 0) {
            cleaned_.emplace_back(value);
            std::ranges::replace_if(cleaned_.back(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
            value = cleaned_.back();
        }
        fields_.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    const nghttp2_nv* data() const { return fields_.data(); }
    std::size_t size() const { return fields_.size(); }

private:
    std::vector<nghttp2_nv> fields_;
    std::deque<std::string> cleaned_;
};

struct Stream {
    std::shared_ptr<Exchange> exchange;
    std::string target, authority;
    std::size_t header_bytes = 0;
    std::size_t header_fields = 0;
    bool head_done = false;
    bool body_done = false;
    bool ended_by_client = false;  ///< by a reset
    bool refused = false;          ///< what still comes of the body is thrown away
    PaceKeeper incoming;

    std::string output;  ///< of the response body
    std::size_t sent = 0;
    bool source_active = false;
    bool deferred = false;  ///< nghttp2 waits for nghttp2_session_resume_data
    Headers trailers;
    PaceKeeper outgoing;
    int ticks_since_end = -1;  ///< of the response, while the request goes on
};

class Http2 final : public Protocol {
public:
    explicit Http2(Link& link);
    ~Http2() override { nghttp2_session_del(session_); }

    std::size_t receive(std::string_view in) override;
    void end_of_input(bool waiting) override;
    void abandon() override;
    void produce() override;
    bool wants_input() const override { return link_.out.size() < kOutputTarget; }
    bool finished() const override;
    bool client_may_send() const override { return true; }  // acknowledgements and windows, if nothing else
    std::size_t unsent() const override { return unsent_; }
    void tick(SteadyTime now) override;
    void drain() override;
    void answered(Exchange& exchange) override;
    void piece(Exchange& exchange, std::optional<std::string> bytes) override;
    void body_taken(Exchange& exchange, std::size_t bytes) override;

private:
    static nghttp2_session_callbacks* callbacks();
    static Http2& self(void* user_data) { return *static_cast<Http2*>(user_data); }

    void on_begin_frame(const nghttp2_frame_hd& head);
    int on_begin_headers(const nghttp2_frame& frame);
    void on_header(const nghttp2_frame& frame, std::string_view name, std::string_view value);
    void on_frame(const nghttp2_frame& frame);
    void on_data(std::int32_t id, std::string_view bytes);
    void on_close(std::int32_t id);
    void on_end_stream_sent(std::int32_t id);
    ssize_t read_output(Stream& stream, std::uint8_t* to, std::size_t room, std::uint32_t& flags);

    Stream* find(std::int32_t id);
    void begin_message(Stream& stream);
    void end_body(Stream& stream);
    void refuse(Stream& stream, const Refusal& refusal);
    void run(Stream& stream);
    void reset(std::int32_t id, std::uint32_t error) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, error); }
    void submit_trailers(std::int32_t id, const Headers& trailers);
    void count_waste() { spend(waste_); }
    void spend(Allowance& allowance, double amount = 1);
    void tick_stream(Stream& stream, SteadyTime now);

    Link& link_;
    const ServerOptions& options_;
    nghttp2_session* session_ = nullptr;
    std::unordered_map<std::int32_t, std::unique_ptr<Stream>> streams_;
    EndedStreams ended_;
    std::int32_t newest_ = 0;  ///< the highest stream that the client has opened
    std::size_t at_work_ = 0;  ///< handlers under way, those of streams that are already closed included
    std::size_t unsent_ = 0;   ///< of all Stream::output
    Allowance waste_, control_;
    SteadyTime idle_since_;
    std::optional<SteadyTime> head_since_;  ///< a header block has begun and not ended
    bool settings_seen_ = false;
    bool drain_noticed_ = false, drain_final_ = false;
    bool failed_ = false;
};

nghttp2_session_callbacks* Http2::callbacks() {
    // One table for all sessions, made once.
    static nghttp2_session_callbacks* const table = [] {
        nghttp2_session_callbacks* made = nullptr;
        nghttp2_session_callbacks_new(&made);
        nghttp2_session_callbacks_set_on_begin_frame_callback(made, [](nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
            self(user).on_begin_frame(*head);
            return 0;
        });
        nghttp2_session_callbacks_set_on_begin_headers_callback(
            made, [](nghttp2_session*, const nghttp2_frame* frame, void* user) { return self(user).on_begin_headers(*frame); });
        nghttp2_session_callbacks_set_on_header_callback(
            made, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_length,
                     const std::uint8_t* value, std::size_t value_length, std::uint8_t, void* user) {
                self(user).on_header(*frame, view(name, name_length), view(value, value_length));
                return 0;
            });
        nghttp2_session_callbacks_set_on_frame_recv_callback(made, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
            self(user).on_frame(*frame);
            return 0;
        });
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, [](nghttp2_session*, const nghttp2_frame*, int, void* user) {
            self(user).count_waste();
            return 0;
        });
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
            made, [](nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t length, void* user) {
                self(user).on_data(id, view(data, length));
                return 0;
            });
        nghttp2_session_callbacks_set_on_stream_close_callback(made, [](nghttp2_session*, std::int32_t id, std::uint32_t, void* user) {
            self(user).on_close(id);
            return 0;
        });
        nghttp2_session_callbacks_set_on_frame_send_callback(made, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
            const bool last =
                (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
            if (last) self(user).on_end_stream_sent(frame->hd.stream_id);
            return 0;
        });
        return made;
    }();
    return table;
}

Http2::Http2(Link& link)
    : link_(link),
      options_(link.core.options),
      waste_(kWasteBurst, kWastePerSecond, link.now()),
      control_(kControlBurst, kControlPerSecond, link.now()),
      idle_since_(link.now()) {
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);  // windows open as bodies are read
    nghttp2_option_set_no_closed_streams(option, 1);
    // Its tables hold tokens and cookies.
    nghttp2_mem memory{.mem_user_data = nullptr,
                       .malloc = [](std::size_t bytes, void*) { return std::malloc(bytes); },
                       .free = [](void* was, void*) { free_wiped(was); },
                       .calloc = [](std::size_t count, std::size_t bytes, void*) { return std::calloc(count, bytes); },
                       .realloc = [](void* was, std::size_t bytes, void*) { return realloc_wiped(was, bytes); }};
    nghttp2_session_server_new3(&session_, callbacks(), this, option, &memory);
    nghttp2_option_del(option);

    const std::array<nghttp2_settings_entry, 3> settings = {{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options_.max_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(options_.max_header_bytes)},
    }};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Stream* Http2::find(std::int32_t id) {
    const auto at = streams_.find(id);
    return at == streams_.end() ? nullptr : at->second.get();
}

std::size_t Http2::receive(std::string_view in) {
    if (failed_) return in.size();
    const auto taken = nghttp2_session_mem_recv(session_, bytes_of(in), in.size());
    if (taken < 0) {
        log::debug("an HTTP/2 connection failed", {{"reason", nghttp2_strerror(static_cast<int>(taken))}});
        failed_ = true;
        return in.size();
    }
    return static_cast<std::size_t>(taken);
}

/// RFC 9113 sections 5.1 and 5.1.1: a stream that the client has ended stays so, and none may be opened below another. (DATA on ended
/// streams is dropped by nghttp2, which section 5.1 allows: it takes from the sender's own window.)
void Http2::on_begin_frame(const nghttp2_frame_hd& head) {
    // Here, because PRIORITY of a stream that has ended is not shown to on_frame. (Resets of those nghttp2 counts itself.)
    if (head.type == NGHTTP2_PING || head.type == NGHTTP2_SETTINGS || head.type == NGHTTP2_PRIORITY) return spend(control_);
    const bool from_client = head.stream_id % 2 == 1;  // nghttp2 sees to the others
    if (!from_client || head.type != NGHTTP2_HEADERS) return;
    if (head.stream_id > newest_) {
        newest_ = head.stream_id;
        return;
    }
    if (find(head.stream_id)) return;
    const auto verdict = ended_.judge(head.stream_id);
    if (verdict == EndedStreams::Verdict::expected) return;
    const bool ended = verdict == EndedStreams::Verdict::ended;
    nghttp2_session_terminate_session(session_, ended ? NGHTTP2_STREAM_CLOSED : NGHTTP2_PROTOCOL_ERROR);
}

int Http2::on_begin_headers(const nghttp2_frame& frame) {
    head_since_ = link_.now();
    if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    // Reset streams leave the count of concurrent ones, but not the worker that is busy with them.
    if (at_work_ >= options_.max_streams) {
        reset(frame.hd.stream_id, NGHTTP2_REFUSED_STREAM);
        return 0;
    }
    auto stream = std::make_unique<Stream>();
    stream->exchange = Exchange::make(link_.shared_from_this());
    stream->exchange->stream = frame.hd.stream_id;
    stream->exchange->request.version = Version::http2;
    streams_[frame.hd.stream_id] = std::move(stream);
    return 0;
}

void Http2::on_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
    Stream* const stream = find(frame.hd.stream_id);
    if (!stream || stream->head_done) return;                 // trailers are dropped
    stream->header_bytes += name.size() + value.size() + 32;  // as RFC 9113 section 6.5.2 counts
    ++stream->header_fields;
    if (stream->header_bytes > options_.max_header_bytes || stream->header_fields > options_.max_header_fields) return;
    Request& request = stream->exchange->request;
    if (name == ":method") {
        request.method = value;
    } else if (name == ":path") {
        stream->target = value;
    } else if (name == ":authority") {
        stream->authority = value;
    } else if (!name.starts_with(':')) {
        request.headers.add(name, value);
    }
}

void Http2::on_frame(const nghttp2_frame& frame) {
    switch (frame.hd.type) {
        case NGHTTP2_SETTINGS:
            settings_seen_ = true;
            return;
        case NGHTTP2_RST_STREAM:
            if (Stream* const reset = find(frame.hd.stream_id)) {
                reset->ended_by_client = true;
                count_waste();
            }
            return;
        case NGHTTP2_HEADERS:
        case NGHTTP2_DATA:
            break;
        default:
            return;
    }
    if (frame.hd.type == NGHTTP2_HEADERS) head_since_.reset();
    if (frame.hd.type == NGHTTP2_DATA && frame.hd.length == 0 && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) spend(control_);
    Stream* stream = find(frame.hd.stream_id);
    if (!stream) return;
    const bool last = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame.hd.type == NGHTTP2_HEADERS && !stream->head_done) {
        stream->head_done = true;
        stream->body_done = last;
        begin_message(*stream);
    } else if (last && !stream->body_done) {
        end_body(*stream);
    }
}

void Http2::begin_message(Stream& stream) {
    Exchange& exchange = *stream.exchange;
    if (stream.header_bytes > options_.max_header_bytes || stream.header_fields > options_.max_header_fields) {
        return refuse(stream, {.status = 431, .message = "the request head is too long"});
    }
    // A few bytes can stand for a long head (HPACK), and a head stays as long as its request.
    exchange.count_head(stream.header_bytes);
    if (!link_.keep(unsent_)) {
        reset(exchange.stream, NGHTTP2_REFUSED_STREAM);
        stream.refused = true;
        return spend(waste_, 1 + static_cast<double>(stream.header_bytes) / kWastedHead);
    }
    const auto framing = read_framing(exchange.request.headers, Version::http2);
    if (!framing) return refuse(stream, framing.error());
    if (auto refusal = complete_head(exchange.request, stream.target, stream.authority, link_.peer, link_.core.trusted)) {
        return refuse(stream, *refusal);
    }
    if (auto refusal = exchange.admit(*framing)) return refuse(stream, *refusal);
    if (!stream.body_done) stream.incoming.resume(link_.now());
    if (exchange.pipe) {
        run(stream);
        if (exchange.answered) return;  // turned away
        if (stream.body_done) exchange.pipe->finish();
    } else if (stream.body_done) {
        return run(stream);
    }
    if (framing->expects_continue && !stream.body_done) {
        Fields fields;
        fields.add(":status", "100");
        nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, exchange.stream, nullptr, fields.data(), fields.size(), nullptr);
    }
}

void Http2::on_data(std::int32_t id, std::string_view bytes) {
    // One stream that is not read must not stop the others: only its own window stays closed.
    nghttp2_session_consume_connection(session_, bytes.size());
    Stream* const stream = find(id);
    if (!stream || stream->refused) return;
    Exchange& exchange = *stream->exchange;
    stream->incoming.add(bytes.size());
    if (!exchange.pipe) {
        nghttp2_session_consume_stream(session_, id, bytes.size());
        if (auto refusal = exchange.add_body(bytes)) refuse(*stream, *refusal);
        return;
    }
    exchange.body_bytes += bytes.size();
    if (exchange.body_bytes <= exchange.route.max_body_bytes) return exchange.pipe->push(bytes);
    stream->refused = true;
    exchange.pipe->fail({.code = Code::resource_exhausted, .id = std::string(kBodyError), .message = "the request body is too long"});
    if (exchange.answered) reset(id, NGHTTP2_ENHANCE_YOUR_CALM);
}

void Http2::end_body(Stream& stream) {
    stream.body_done = true;
    stream.incoming.pause();
    if (stream.refused) return;
    if (stream.exchange->pipe) {
        stream.exchange->pipe->finish();
    } else {
        run(stream);
    }
}

void Http2::run(Stream& stream) {
    ++at_work_;
    const auto keep = stream.exchange;
    keep->run();
}

void Http2::refuse(Stream& stream, const Refusal& refusal) {
    stream.refused = true;
    stream.incoming.pause();
    ++at_work_;
    stream.exchange->refuse(refusal);
    answered(*stream.exchange);
}

void Http2::answered(Exchange& exchange) {
    --at_work_;
    Stream* const stream = find(exchange.stream);
    if (!stream || stream->exchange.get() != &exchange) return;
    exchange.fit_answer(unsent_);
    Response& response = exchange.response;
    const std::string status = std::to_string(response.status);
    const bool bodiless = exchange.request.method == "HEAD" || has_no_body(response.status);
    auto* const fixed = std::get_if<std::string>(&response.body);
    const bool with_trailers = response.trailers.size() > 0;

    Fields fields;
    fields.add(":status", status);
    for (const auto& [name, value] : response.headers) {
        if (!is_ours(name)) fields.add(name, value);
    }
    fields.add("date", link_.date());
    std::string length;
    if (fixed && !with_trailers && !has_no_body(response.status)) {
        length = std::to_string(fixed->size());
        fields.add("content-length", length);
    }
    if (fixed) exchange.response_bytes = bodiless ? 0 : fixed->size();
    if (bodiless || (fixed && fixed->empty())) {
        if (!with_trailers) {
            nghttp2_submit_response(session_, exchange.stream, fields.data(), fields.size(), nullptr);
        } else {
            nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, exchange.stream, nullptr, fields.data(), fields.size(), nullptr);
            submit_trailers(exchange.stream, response.trailers);
        }
        return;
    }
    if (fixed) {
        stream->output = std::move(*fixed);
        unsent_ += stream->output.size();
    } else {
        stream->source_active = true;
    }
    stream->trailers = std::move(response.trailers);
    nghttp2_data_provider provider{};
    provider.source.ptr = stream;
    provider.read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t room, std::uint32_t* flags,
                                nghttp2_data_source* source,
                                void* user) { return self(user).read_output(*static_cast<Stream*>(source->ptr), to, room, *flags); };
    nghttp2_submit_response(session_, exchange.stream, fields.data(), fields.size(), &provider);
}

ssize_t Http2::read_output(Stream& stream, std::uint8_t* to, std::size_t room, std::uint32_t& flags) {
    const std::size_t count = std::min(room, stream.output.size() - stream.sent);
    std::memcpy(to, stream.output.data() + stream.sent, count);
    stream.sent += count;
    unsent_ -= count;
    stream.outgoing.add(count);
    if (stream.sent < stream.output.size()) return static_cast<ssize_t>(count);
    stream.output = {};
    stream.sent = 0;
    stream.outgoing.pause();
    if (stream.source_active) {
        stream.exchange->pull();
        if (count > 0) return static_cast<ssize_t>(count);
        stream.deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    flags |= NGHTTP2_DATA_FLAG_EOF;
    if (stream.trailers.size() > 0) {
        flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        submit_trailers(stream.exchange->stream, stream.trailers);
    }
    return static_cast<ssize_t>(count);
}

void Http2::submit_trailers(std::int32_t id, const Headers& trailers) {
    Fields fields;
    for (const auto& [name, value] : trailers) fields.add(name, value);
    nghttp2_submit_trailer(session_, id, fields.data(), fields.size());
}

void Http2::piece(Exchange& exchange, std::optional<std::string> bytes) {
    Stream* const stream = find(exchange.stream);
    if (!stream || stream->exchange.get() != &exchange) return;
    if (bytes) {
        exchange.response_bytes += bytes->size();
        stream->output = std::move(*bytes);
        stream->sent = 0;
        unsent_ += stream->output.size();
        stream->outgoing.resume(link_.now());
    } else {
        const auto& source = std::get<std::unique_ptr<BodySource>>(exchange.response.body);
        stream->source_active = false;
        if (source->failed()) return reset(exchange.stream, NGHTTP2_INTERNAL_ERROR);
        for (const auto& [name, value] : source->trailers()) stream->trailers.add(name, value);
    }
    if (std::exchange(stream->deferred, false)) nghttp2_session_resume_data(session_, exchange.stream);
}

void Http2::body_taken(Exchange& exchange, std::size_t bytes) {
    if (find(exchange.stream)) nghttp2_session_consume_stream(session_, exchange.stream, bytes);
}

void Http2::on_end_stream_sent(std::int32_t id) {
    Stream* const stream = find(id);
    if (stream && !stream->body_done) stream->ticks_since_end = 0;
}

void Http2::on_close(std::int32_t id) {
    const auto at = streams_.find(id);
    if (at == streams_.end()) return ended_.add(id, false);
    const auto exchange = at->second->exchange;
    ended_.add(id, at->second->body_done || at->second->ended_by_client);
    unsent_ -= at->second->output.size() - at->second->sent;
    streams_.erase(at);
    exchange->cancel(kGone);
    exchange->finish();
    if (streams_.empty()) idle_since_ = link_.now();
}

/// Rapid reset (CVE-2023-44487) and its kin: opening and breaking streams costs the client nothing and us a request each.
void Http2::spend(Allowance& allowance, double amount) {
    if (!allowance.take(link_.now(), amount)) nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
}

void Http2::produce() {
    while (!failed_ && link_.out.size() < kOutputTarget) {
        const std::uint8_t* data = nullptr;
        const auto length = nghttp2_session_mem_send(session_, &data);
        if (length < 0) failed_ = true;
        if (length <= 0) return;
        link_.out.append(view(data, static_cast<std::size_t>(length)));
    }
}

bool Http2::finished() const { return failed_ || (!nghttp2_session_want_read(session_) && !nghttp2_session_want_write(session_)); }

void Http2::end_of_input(bool) {
    // Nothing can be cancelled, acknowledged or given room any more, so a half-closed connection is a lost one.
    abandon();
}

void Http2::abandon() {
    failed_ = true;
    unsent_ = 0;
    auto left = std::exchange(streams_, {});
    for (auto& [id, stream] : left) {
        stream->exchange->cancel(kGone);
        stream->exchange->finish();
    }
}

void Http2::tick(SteadyTime now) {
    if (failed_) return;
    std::vector<std::int32_t> ids;
    for (const auto& [id, stream] : streams_) ids.push_back(id);
    for (const auto id : ids) {
        if (Stream* const stream = find(id)) tick_stream(*stream, now);
    }
    const bool head_late = head_since_ && now - *head_since_ > options_.header_timeout;
    const bool never_began = !settings_seen_ && now - idle_since_ > options_.header_timeout;
    const bool idle = streams_.empty() && at_work_ == 0 && now - idle_since_ > options_.idle_timeout;
    if (head_late || never_began || idle) nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
    if (drain_noticed_ && !std::exchange(drain_final_, true)) {
        nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR, nullptr, 0);
    }
}

void Http2::tick_stream(Stream& stream, SteadyTime now) {
    Exchange& exchange = *stream.exchange;
    exchange.retry_pull();
    // RFC 9113 section 8.1: the response is complete, the rest of the request is not wanted. The reset follows a moment later,
    // because some clients (curl 7.88) lose a response that comes together with it.
    if (stream.ticks_since_end >= 0 && !stream.body_done && ++stream.ticks_since_end > 1) return reset(exchange.stream, NGHTTP2_NO_ERROR);
    const bool unsent = stream.sent < stream.output.size();
    if (!unsent) {
        stream.outgoing.pause();
    } else if (!stream.outgoing.running()) {
        stream.outgoing.resume(now);
    } else if (stream.outgoing.too_slow(now, options_)) {
        return reset(exchange.stream, NGHTTP2_CANCEL);
    }
    if (!stream.head_done || stream.body_done || stream.refused) return;
    if (exchange.pipe && (exchange.pipe->full() || exchange.route.body_may_rest)) {
        stream.incoming.pause();
    } else if (!stream.incoming.running()) {
        stream.incoming.resume(now);
    } else if (stream.incoming.too_slow(now, options_)) {
        if (!exchange.pipe) return refuse(stream, {.status = 408, .message = "the request body came too slowly"});
        stream.refused = true;
        exchange.pipe->fail(
            {.code = Code::deadline_exceeded, .id = std::string(kBodyError), .message = "the request body came too slowly"});
    }
}

/// Two steps, so that requests on their way to us are not lost: first "no more", then, a moment later, "up to this one".
void Http2::drain() {
    nghttp2_submit_shutdown_notice(session_);
    drain_noticed_ = true;
}

}  // namespace

std::unique_ptr<Protocol> make_http2(Link& link) { return std::make_unique<Http2>(link); }

}  // namespace godwit::http
