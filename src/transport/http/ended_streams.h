// Which streams of an HTTP/2 connection have ended, as far as it is worth remembering.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace godwit::http {

/// The last 64 streams that have ended, and by whom: what tells a frame that was under way to a stream we reset from one that no client
/// may send (RFC 9113 sections 5.1 and 5.1.1). nghttp2 can keep them too, but only with all they held.
class EndedStreams {
public:
    enum class Verdict {
        expected,      ///< what comes was under way when we reset the stream; or it ended so long ago that it cannot be told
        ended,         ///< the client had ended it
        never_opened,  ///< the client has gone on to higher numbers without it
    };
    /// `by_client`: it had ended its side, or reset the stream.
    void add(std::int32_t id, bool by_client) {
        if (ended_.size() == kKept) {
            oldest_ = std::max(oldest_, ended_.front().id);
            ended_.pop_front();
        }
        ended_.push_back({id, by_client});
    }
    /// Of a stream that is not open, and not above all that were opened.
    Verdict judge(std::int32_t id) const {
        const auto found = std::ranges::find(ended_, id, &Ended::id);
        if (found != ended_.end()) return found->by_client ? Verdict::ended : Verdict::expected;
        return id <= oldest_ ? Verdict::expected : Verdict::never_opened;
    }

private:
    static constexpr std::size_t kKept = 64;
    struct Ended {
        std::int32_t id;
        bool by_client;
    };
    std::deque<Ended> ended_;
    std::int32_t oldest_ = 0;  ///< up to here something was forgotten
};

}  // namespace godwit::http
