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
    RunningSha256(const RunningSha256&) = delete;
    RunningSha256& operator=(const RunningSha256&) = delete;

    void add(std::string_view bytes);
    /// 32 raw bytes of all that was added; nothing may be added afterwards.
    std::string finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace godwit::crypto
