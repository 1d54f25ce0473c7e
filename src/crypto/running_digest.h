// SHA-256 of what comes in pieces, such as files larger than memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace godwit::crypto {

class RunningSha256 {
public:
    RunningSha256();
    ~RunningSha256();
    RunningSha256(RunningSha256&&) noexcept;
    RunningSha256& operator=(RunningSha256&&) noexcept;

    void add(std::string_view bytes);
    /// 32 raw bytes of all that was added so far; more may be added.
    std::string value() const;

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace godwit::crypto
