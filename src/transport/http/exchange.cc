#include "transport/http/exchange.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <exception>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace godwit::http {
namespace {

const Refusal kTooLong{.status = 413, .message = "the request body is too long"};
const Refusal kBusy{.status = 503, .message = "the server is busy; try again", .retry_after = std::chrono::seconds(1)};
const Refusal kClientBusy{
    .status = 503, .message = "too many requests from this address are under way; try again", .retry_after = std::chrono::seconds(1)};
const Refusal kCoded{.status = 415, .message = "the body must be sent as it is, without Content-Encoding"};
constexpr int kClientLeft = 499;

/// What a connection may keep without being counted: small answers and heads, the common case, cost no look at the budget.
constexpr std::size_t kFreeKeep = 16 << 10;
constexpr std::size_t kKeepStep = 64 << 10;
/// What an exchange takes besides the bytes of its head; about.
constexpr std::size_t kExchangeBytes = 1 << 10;

std::size_t counted(std::size_t bytes) { return bytes <= kFreeKeep ? 0 : (bytes - kFreeKeep + kKeepStep - 1) / kKeepStep * kKeepStep; }

Response internal_error(std::string_view path, std::string_view what) {
    log::error("a request handler threw", {{"path", path}, {"what", what}});
    return json_refusal({.status = 500, .message = "an internal error occurred"});
}

}  // namespace

Exchange::Exchange(std::shared_ptr<Link> over) : link(std::move(over)), started_(link->now()) {
    ++link->core.exchanges;
    request.cancelled = [this] {
        return gone_.load(std::memory_order_relaxed) || (request.deadline && std::chrono::steady_clock::now() >= *request.deadline);
    };
}

Link::Link(Core& of, Peer from) : core(of), peer(std::move(from)) {}
Link::~Link() = default;

bool Link::keep(std::size_t unsent) {
    const std::size_t needed = counted(head_bytes + unsent);
    const std::size_t before = kept_ ? kept_->amount() : 0;
    if (needed <= before) return true;
    if (!kept_) kept_.emplace(core.bodies, peer.address_text, peer.trusted);
    return kept_->add(needed - before) == Budget::Outcome::taken;
}

void Link::keep_no_more_than(std::size_t unsent) {
    const std::size_t needed = counted(head_bytes + unsent);
    if (kept_ && needed < kept_->amount()) kept_->give(kept_->amount() - needed);
}

std::shared_ptr<Exchange> Exchange::make(std::shared_ptr<Link> over) {
    return {new Exchange(std::move(over)), [](Exchange* done) {
                Link& at = *done->link;
                if (at.on_io_thread()) {
                    delete done;
                } else {
                    at.post([owned = std::unique_ptr<Exchange>(done)] {});
                }
            }};
}

Exchange::~Exchange() {
    link->head_bytes -= head_bytes_;
    held_.reset();  // before the count, which the server's end waits for
    --link->core.exchanges;
    link->core.left();
}

void Core::left() {
    if (!watched_) return;
    const std::scoped_lock lock(mutex_);
    changed_.notify_all();
}

bool Core::wait(const std::function<bool()>& done, std::optional<SteadyTime> until) {
    watched_ = true;
    std::unique_lock lock(mutex_);
    if (until) return changed_.wait_until(lock, *until, done);
    changed_.wait(lock, done);
    return true;
}

void Exchange::count_head(std::size_t bytes) {
    head_bytes_ = bytes + kExchangeBytes;
    link->head_bytes += head_bytes_;
}

std::optional<Refusal> Exchange::admit(const Framing& framing) {
    route = link->core.router(request);
    if (!route.takes_content_coding) {
        const auto* coding = request.headers.find("content-encoding");
        if (coding && !equals_ignoring_case(*coding, "identity")) return kCoded;
    }
    if (framing.length && *framing.length > route.max_body_bytes) return kTooLong;
    if (route.stream_body) {
        if (route.lane == Lane::in_line) route.lane = Lane::read;
        pipe = std::make_shared<BodyPipe>([weak = weak_from_this()](std::size_t bytes) {
            if (const auto self = weak.lock()) self->link->post([self, bytes] { self->link->protocol->body_taken(*self, bytes); });
        });
        request.stream = BodyPipe::reader(pipe);
    } else if (framing.length) {
        request.body.reserve(std::min<std::uint64_t>(*framing.length, 64 << 10));
    }
    return std::nullopt;
}

std::optional<Refusal> Exchange::add_body(std::string_view bytes) {
    if (body_bytes + bytes.size() > route.max_body_bytes) return kTooLong;
    body_bytes += bytes.size();
    if (!held_) {
        held_.emplace(route.max_body_bytes <= kSmallBody ? link->core.small_bodies : link->core.bodies, request.client_address);
    }
    switch (held_->add(bytes.size())) {
        case Budget::Outcome::full:
            return kBusy;
        case Budget::Outcome::client_full:
            return kClientBusy;
        case Budget::Outcome::taken:
            break;
    }
    request.body.append(bytes);
    return std::nullopt;
}

Response Exchange::handle() {
    try {
        return route.handle(request);
    } catch (const std::exception& error) {
        return internal_error(request.path, error.what());
    }
}

void Exchange::run() {
    if (route.lane_of_body && !pipe) route.lane = route.lane_of_body(request);
    if (route.lane == Lane::in_line) {
        response = handle();
        answered = true;
        link->protocol->answered(*this);
        return;
    }
    const auto self = shared_from_this();
    const bool taken = link->core.lanes.run(
        route.lane,
        [self] {
            // Nobody is there to read an answer: a queue of such requests is worked off at once.
            self->deliver(self->finished_ ? Response{.status = kClientLeft, .headers = {}, .body = {}, .trailers = {}} : self->handle());
        },
        [self] {
            self->link->post([self] {
                self->refuse(kBusy);
                self->link->protocol->answered(*self);
            });
        });
    if (!taken) {
        refuse(kBusy);
        link->protocol->answered(*this);
    }
}

void Exchange::deliver(Response made) {
    link->post([self = shared_from_this(), made = std::move(made)]() mutable {
        self->response = std::move(made);
        self->answered = true;
        self->link->protocol->answered(*self);
    });
}

void Exchange::refuse(const Refusal& refusal) {
    const auto& format = link->core.options.on_refusal;
    response = format ? format(refusal, request.host.empty() ? nullptr : &request) : json_refusal(refusal);
    if (refusal.status == 415) response.headers.set("accept-encoding", "identity");  // RFC 9110 section 15.5.16
    if (refusal.retry_after.count() > 0) response.headers.set("retry-after", std::to_string(refusal.retry_after.count()));
    answered = true;
    // The client may take its time to read this.
    request.body = {};
    held_.reset();
}

void Exchange::fit_answer(std::size_t unsent) {
    const auto* body = std::get_if<std::string>(&response.body);
    if (body && !link->keep(unsent + body->size())) refuse(kClientBusy);
}

void Exchange::cancel(const Error& error) {
    gone_ = true;
    if (pipe) pipe->fail(error);
}

void Exchange::start_source() {
    source_started_ = true;
    std::get<std::unique_ptr<BodySource>>(response.body)->on_start([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        self->link->post([self] {
            if (self->pull_ == Pull::waiting_for_wake) {
                self->pull_ = Pull::idle;
                self->pull();
            } else {
                self->woken_ = true;
            }
        });
    });
}

void Exchange::pull() {
    if (pull_ == Pull::under_way || pull_ == Pull::waiting_for_wake || finished_) return;
    if (!source_started_) start_source();
    pull_ = Pull::under_way;
    woken_ = false;
    const auto self = shared_from_this();
    const bool taken = link->core.lanes.run(
        Lane::read, [self] { self->deliver_piece(std::get<std::unique_ptr<BodySource>>(self->response.body)->next()); },
        [self] { self->link->post([self] { self->pull_ = Pull::waiting_for_lane; }); });
    if (!taken) pull_ = Pull::waiting_for_lane;
}

void Exchange::retry_pull() {
    if (pull_ == Pull::waiting_for_lane) pull();
}

void Exchange::deliver_piece(std::optional<std::string> piece) {
    link->post([self = shared_from_this(), piece = std::move(piece)]() mutable {
        self->pull_ = Pull::idle;
        if (self->finished_) {
            self->response.body = {};  // kept until now for the worker that was using it
        } else if (piece && piece->empty()) {
            if (self->woken_) return self->pull();
            self->pull_ = Pull::waiting_for_wake;
        } else {
            self->link->protocol->piece(*self, std::move(piece));
        }
    });
}

void Exchange::finish() {
    if (finished_.exchange(true)) return;
    if (pipe) pipe->fail({.code = Code::cancelled, .id = "HTTP-Finished", .message = "the response is already complete"});
    // A handler that is still at work still has the body: then the destructor gives it back.
    if (answered) held_.reset();
    if (pull_ != Pull::under_way) response.body = {};
    if (link->core.options.on_access) {
        const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started_);
        link->core.options.on_access({.request = request,
                                      .status = answered ? response.status : kClientLeft,
                                      .response_bytes = response_bytes,
                                      .duration = duration,
                                      .lane = route.lane});
    }
}

void PaceKeeper::resume(SteadyTime now) {
    if (std::exchange(running_, true)) return;
    since_ = now;
    bytes_ = 0;
}

bool PaceKeeper::too_slow(SteadyTime now, const ServerOptions& options) {
    if (!running_ || now - since_ < options.body_idle_timeout) return false;
    const double seconds = std::chrono::duration<double>(now - since_).count();
    const bool slow = bytes_ == 0 || static_cast<double>(bytes_) < seconds * static_cast<double>(options.min_bytes_per_second);
    since_ = now;
    bytes_ = 0;
    return slow;
}

std::string http_date(std::int64_t unix_seconds) {
    const auto seconds = static_cast<std::time_t>(unix_seconds);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 64> text{};
    // The C locale's names are English, and nobody here sets another.
    return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

}  // namespace godwit::http
